import Tables

/// Makes a batch sampler for a dataset: those that there are by name, or one of your own.
///
/// ```swift
/// struct InOrder: BatchSamplerFactory {
///     func sampler(for dataset: Dataset, batchSize: Int, dropLast: Bool, seed: UInt64) throws -> any BatchSampler { … }
/// }
/// try TrainingTask(dataset, loss: loss, sampler: InOrder())
/// ```
public protocol BatchSamplerFactory: Sendable {
    /// - Parameters:
    ///   - dataset: The rows.
    ///   - batchSize: Rows a batch, at least 1.
    ///   - dropLast: Whether batches with fewer rows are left out.
    ///   - seed: What the order is drawn from.
    /// - Throws: `DatasetError` if the sampler cannot work with the batch size or the dataset.
    func sampler(for dataset: Dataset, batchSize: Int, dropLast: Bool, seed: UInt64) throws -> any BatchSampler
}

/// The batch samplers by the names that training arguments and files give them.
public enum BatchSamplers: String, CaseIterable, BatchSamplerFactory {
    /// Shuffled rows, cut into batches: `DefaultBatchSampler`.
    case batchSampler = "batch_sampler"
    /// No text twice in a batch: `NoDuplicatesBatchSampler`.
    case noDuplicates = "no_duplicates"
    /// The same: texts are always told apart by numbers that are computed once.
    case noDuplicatesHashed = "no_duplicates_hashed"
    /// Two rows or more of every label in a batch: `GroupByLabelBatchSampler`.
    case groupByLabel = "group_by_label"

    /// - Parameters:
    ///   - dataset: The rows.
    ///   - batchSize: Rows a batch, at least 1.
    ///   - dropLast: Whether batches with fewer rows are left out.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    /// - Throws: `DatasetError` if the sampler cannot work with the batch size or the dataset.
    public func sampler(
        for dataset: Dataset, batchSize: Int, dropLast: Bool = false, seed: UInt64
    ) throws -> any BatchSampler {
        switch self {
        case .batchSampler:
            try DefaultBatchSampler(
                rowCount: dataset.rowCount, batchSize: batchSize, dropLast: dropLast, seed: seed)
        case .noDuplicates, .noDuplicatesHashed:
            try NoDuplicatesBatchSampler(
                dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: seed)
        case .groupByLabel:
            try GroupByLabelBatchSampler(
                dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: seed)
        }
    }
}
