import Foundation
import Tapestry
import Testing

/// The same seed gives the same weights, bit for bit, whatever the number of threads.
@Suite(.serialized) struct DeterminismTests {
    /// Weights after a few steps on batches that are large enough to be split over threads, with dropout.
    private func trained(threads: Int, seed: UInt64 = 42, dataSeed: UInt64? = nil) throws -> [Tensor] {
        let before = Parallel.threadCount
        Parallel.threadCount = threads
        defer { Parallel.threadCount = before }
        let folder = try TemporaryFolder()
        let model = SentenceTransformer.untrained(seed: 1)
        #expect(model.transformer!.model.configuration.hiddenDropout == 0.1)
        let trainer = try Trainer(
            model, loss: CosineSimilarityLoss(), dataset: BuiltInData.scoredPairs(.train),
            arguments: settings(folder) {
                ($0.perDeviceTrainBatchSize, $0.maxSteps) = (64, 4)
                ($0.seed, $0.dataSeed) = (seed, dataSeed)
            })
        try trainer.train()
        return weights(model)
    }

    @Test func theNumberOfThreadsDoesNotMatter() throws {
        let one = try trained(threads: 1)
        #expect(one != weights(SentenceTransformer.untrained(seed: 1)))
        for threads in [1, 2, 3] { #expect(try trained(threads: threads) == one, "\(threads) threads") }
    }

    @Test func anotherSeedGivesOtherWeights() throws {
        let plain = try trained(threads: 2)
        #expect(try trained(threads: 2, seed: 43) != plain)
        // The order of rows alone, and the dropout alone.
        #expect(try trained(threads: 2, dataSeed: 43) != plain)
        #expect(try trained(threads: 2, seed: 43, dataSeed: 42) != plain)
        #expect(try trained(threads: 2, dataSeed: 42) == plain)
    }
}
