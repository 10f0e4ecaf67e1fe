import Foundation
import Testing
@testable import Fuzz

/// Damaged files: each answer is a value or an error that says what is wrong.
struct FuzzTests {
    private static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    private static let targets = Result { try FuzzTarget.all(root: root) }

    @Test(arguments: 0..<23) func damagedFilesAreValuesOrErrors(_ number: Int) throws {
        let targets = try Self.targets.get()
        try #require(targets.count == 23)
        let folder = FuzzTarget.scratchFolder
        defer { try? FileManager.default.removeItem(at: folder) }
        for input in 0..<UInt64(100) {
            do {
                try targets[number].run(seed: 1, input: input, in: folder)
            } catch {
                Issue.record("\(targets[number].name), input \(input): \(type(of: error)) is none of this library's: \(error)")
            }
        }
    }

    @Test func anInputIsAFunctionOfItsNumber() {
        let original = [UInt8]("{\"a\": [1, 2, 3], \"b\": \"text\"}".utf8)
        func damaged(_ seed: UInt64, _ input: UInt64) -> [UInt8] {
            var generator = CountedGenerator(seed: seed, input: input)
            return Mutator.mutated(original, others: [original], &generator)
        }
        #expect((0..<50).allSatisfy { damaged(3, $0) == damaged(3, $0) })
        #expect(Set((0..<50).map { damaged(3, $0) }).count > 40)
        #expect(damaged(3, 1) != damaged(4, 1))
    }

    @Test func anErrorOfTheSystemIsNotTyped() {
        struct Own: Error {}
        #expect(FuzzTarget.isTyped(Own()))
        #expect(!FuzzTarget.isTyped(CocoaError(.fileReadNoSuchFile)))
        #expect(!FuzzTarget.isTyped(DecodingError.dataCorrupted(.init(codingPath: [], debugDescription: ""))))
    }
}
