import Requirements
import Tables

/// Shuffles the rows and cuts them into consecutive batches: each row once an epoch.
///
/// Gives the same batches as `batch_sampler` of sentence-transformers does for the same seed.
public struct DefaultBatchSampler: BatchSampler {
    /// Rows of the dataset.
    public let rowCount: Int
    /// Rows of a batch.
    public let batchSize: Int
    /// Whether a smaller last batch is left out.
    public let dropLast: Bool
    /// What the order of each epoch is drawn from.
    public let seed: UInt64

    /// - Parameters:
    ///   - rowCount: Rows of the dataset.
    ///   - batchSize: Rows of a batch.
    ///   - dropLast: Whether a last batch of fewer than `batchSize` rows is left out.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    /// - Throws: `DatasetError` if `batchSize` is less than 1.
    public init(rowCount: Int, batchSize: Int, dropLast: Bool = false, seed: UInt64) throws {
        require(rowCount >= 0, "DefaultBatchSampler: a row count cannot be negative, found \(rowCount)")
        try Self.check(batchSize: batchSize)
        self.rowCount = rowCount
        self.batchSize = batchSize
        self.dropLast = dropLast
        self.seed = seed
    }

    public var batchCount: Int {
        Self.batchCount(rowCount: rowCount, batchSize: batchSize, dropLast: dropLast)
    }

    public func batches(epoch: Int) -> [[Int]] {
        var generator = MersenneTwister(epoch: epoch, seed: seed)
        return batches(epoch: epoch, drawingFrom: &generator)
    }

    public func batches(epoch: Int, drawingFrom generator: inout MersenneTwister) -> [[Int]] {
        let order = generator.permutation(count: rowCount)
        return (0..<batchCount).map { batch in
            Array(order[batch * batchSize..<min((batch + 1) * batchSize, rowCount)])
        }
    }
}
