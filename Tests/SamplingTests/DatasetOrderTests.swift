import Testing
@testable import Sampling
@testable import Tables

/// How batches of several datasets follow each other: by weights, and by rules of one's own.
struct DatasetOrderTests {
    private func samplers(_ sizes: [Int]) throws -> [any BatchSampler] {
        try sizes.map { try DefaultBatchSampler(rowCount: $0 * 2, batchSize: 2, seed: 5) }
    }

    @Test func weightsSayHowOftenADatasetComes() throws {
        let samplers = try samplers([4, 6])
        let even = MultiDatasetBatchSampler(samplers, order: try WeightedOrder([1, 1]), seed: 5)
        let proportional = MultiDatasetBatchSampler(samplers, seed: 5)
        #expect(even.batches(epoch: 1) == proportional.batches(epoch: 1))
        let weighted = MultiDatasetBatchSampler(samplers, order: try WeightedOrder([2.5, 0.5]), seed: 5)
        #expect(weighted.batchCount == 13)
        let batches = weighted.batches(epoch: 0)
        #expect(batches.count == 13 && batches.count { $0.dataset == 0 } == 10 && batches.count { $0.dataset == 1 } == 3)
        // A dataset begins anew once it has no more: all of its rows, in another order.
        let passes = batches.filter { $0.dataset == 0 }.map(\.rows)
        let (first, second) = (passes[..<4].flatMap { $0 }, passes[4..<8].flatMap { $0 })
        #expect(Set(first) == Set(0..<8) && Set(second) == Set(0..<8) && first != second)
        #expect(batches == weighted.batches(epoch: 0) && batches != weighted.batches(epoch: 1))
        #expect(
            MultiDatasetBatchSampler(samplers, order: try WeightedOrder([0, 1]), seed: 5).batches(epoch: 0).allSatisfy { $0.dataset == 1 })
    }

    @Test(arguments: [[-1.0, 1], [.nan, 1], [0, 0]]) func weightsThatCannotBeAreRefused(_ weights: [Double]) {
        #expect(throws: DatasetError.self) { _ = try WeightedOrder(weights) }
    }

    private struct OneAfterTheOther: MultiDatasetOrder {
        func batchCount(_ counts: [Int]) -> Int { counts.reduce(0, +) }
        func turns(_ counts: [Int], drawingFrom generator: inout MersenneTwister) -> [Int] {
            counts.indices.flatMap { [Int](repeating: $0, count: counts[$0]) }
        }
    }

    @Test func anOrderOfOnesOwnIsKept() throws {
        let batches = MultiDatasetBatchSampler(try samplers([2, 3]), order: OneAfterTheOther(), seed: 5).batches(epoch: 0)
        #expect(batches.map(\.dataset) == [0, 0, 1, 1, 1])
        #expect(Set(batches.suffix(3).flatMap(\.rows)) == Set(0..<6))
    }

    @Test func hashedAndPlainDealTheSame() throws {
        let dataset = BatchSamplerTests.repetitive
        let (plain, hashed) = (
            try BatchSamplers.noDuplicates.sampler(for: dataset, batchSize: 8, dropLast: true, seed: 3),
            try BatchSamplers.noDuplicatesHashed.sampler(for: dataset, batchSize: 8, dropLast: true, seed: 3)
        )
        #expect(plain.batches(epoch: 2) == hashed.batches(epoch: 2))
    }
}
