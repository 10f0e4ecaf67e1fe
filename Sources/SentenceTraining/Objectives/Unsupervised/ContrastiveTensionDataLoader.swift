import Losses
import Sampling
import Tables

/// Pairs of sentences for ``ContrastiveTensionLoss``: one of equal sentences, label 1, then `posNegRatio − 1` of different
/// ones, label 0, and so on.
///
/// Each epoch shuffles the sentences and walks them once: an equal pair takes one, another pair the next two, so a
/// sentence comes once an epoch at most. What fills no whole batch is left out.
///
/// ```swift
/// let pairs = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: 16)
/// let trainer = try Trainer(model, objective: ContrastiveTensionLoss(model: model), dataset: pairs, arguments: arguments)
/// ```
public struct ContrastiveTensionDataLoader: EpochwiseDataset, BatchSampler {
    /// The sentences.
    public let sentences: [String]
    /// Pairs of a batch.
    public let batchSize: Int
    /// One of so many pairs is a sentence with itself.
    public let posNegRatio: Int
    /// Epoch e is shuffled by the low 32 bits of `seed + e`.
    public let seed: UInt64

    /// - Parameters:
    ///   - sentences: Distinct ones.
    ///   - batchSize: Pairs in a batch, a multiple of the ratio.
    ///   - posNegRatio: Of how many pairs one is of equal sentences.
    ///   - seed: What the pairs of each epoch are drawn from.
    /// - Throws: `LossInputError`.
    public init(sentences: [String], batchSize: Int, posNegRatio: Int = 8, seed: UInt64 = 42) throws {
        guard posNegRatio > 0, batchSize > 0, batchSize % posNegRatio == 0 else {
            throw LossInputError(
                "ContrastiveTensionDataLoader takes a batch size that is a multiple of pos_neg_ratio, "
                    + "but got a batch size of \(batchSize) and a pos_neg_ratio of \(posNegRatio)")
        }
        self.sentences = sentences
        self.batchSize = batchSize
        self.posNegRatio = posNegRatio
        self.seed = seed
        guard batchCount > 0 else {
            throw LossInputError(
                "ContrastiveTensionDataLoader takes \(sentencesPerBatch) sentences or more for batches of "
                    + "\(batchSize) pairs, but got \(sentences.count)")
        }
    }

    private var sentencesPerBatch: Int { 2 * batchSize - batchSize / posNegRatio }

    public var batchCount: Int { sentences.count / sentencesPerBatch }

    /// The pairs of an epoch, batch after batch: `sentence1`, `sentence2`, `label`.
    public func dataset(epoch: Int) throws -> Dataset {
        var generator = MersenneTwister(seed: UInt32(truncatingIfNeeded: seed &+ UInt64(epoch)))
        var next = generator.permutation(count: sentences.count).map { sentences[$0] }[...]
        var (first, second, labels) = ([String](), [String](), [Double]())
        for pair in 0..<batchCount * batchSize {
            let isEqual = pair % posNegRatio == 0
            first.append(next.removeFirst())
            second.append(isEqual ? first[pair] : next.removeFirst())
            labels.append(isEqual ? 1 : 0)
        }
        return try Dataset(["sentence1": first, "sentence2": second], labels: labels)
    }

    /// The rows in their order.
    public func batches(epoch: Int) -> [[Int]] {
        (0..<batchCount).map { Array($0 * batchSize..<($0 + 1) * batchSize) }
    }

    public func sampler(batchSize: Int) throws -> (any BatchSampler)? {
        guard batchSize == self.batchSize else {
            throw LossInputError(
                "ContrastiveTensionDataLoader was made for batches of \(self.batchSize) pairs, but training "
                    + "takes per_device_train_batch_size \(batchSize); make the two equal")
        }
        return self
    }
}
