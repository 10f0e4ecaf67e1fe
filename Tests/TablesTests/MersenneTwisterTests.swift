import Testing
@testable import Tables

struct MersenneTwisterTests {
    @Test func wordsAreThoseOfTheStandardGenerator() {
        // ISO C++ 26.5.5: the 10000th word of a default-constructed mt19937, whose seed is 5489, is
        // 4123659995.
        var generator = MersenneTwister(seed: 5489)
        #expect(generator.next() == 3_499_211_612)
        for _ in 2..<10_000 { _ = generator.next() }
        #expect(generator.next() == 4_123_659_995)
    }

    @Test(arguments: [
        (seed: UInt32(42), order: [2, 6, 1, 8, 4, 5, 0, 9, 3, 7]),
        (seed: UInt32(43), order: [8, 4, 9, 0, 5, 1, 6, 7, 2, 3]),
        (seed: UInt32(12), order: [3, 4, 0, 1, 2]),
    ])
    func permutationsAreThoseOfPyTorch(seed: UInt32, order: [Int]) {
        var generator = MersenneTwister(seed: seed)
        #expect(generator.permutation(count: order.count) == order)
    }

    @Test func permutationsLongerThanTheStateAreThoseOfPyTorch() throws {
        struct Permutation: Decodable { let seed: UInt32, order: [Int] }
        let permutations = try Fixtures.decode([Permutation].self, "samplers/permutations.json")
        #expect(permutations.contains { $0.order.count > 624 })
        for permutation in permutations {
            var generator = MersenneTwister(seed: permutation.seed)
            #expect(
                generator.permutation(count: permutation.order.count) == permutation.order,
                "seed \(permutation.seed)")
        }
    }

    @Test(arguments: [0, 1])
    func permutationOfAtMostOneDrawsNothing(count: Int) {
        var generator = MersenneTwister(seed: 1)
        #expect(generator.permutation(count: count) == Array(0..<count))
        #expect(generator == MersenneTwister(seed: 1))
    }
}
