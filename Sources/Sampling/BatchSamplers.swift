import Tables

/// The batch samplers by the names that training arguments and files give them.
public enum BatchSamplers: String, CaseIterable, Sendable {
    /// Shuffled rows, cut into batches: `DefaultBatchSampler`.
    case batchSampler = "batch_sampler"
    /// No text twice in a batch: `NoDuplicatesBatchSampler`.
    case noDuplicates = "no_duplicates"
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
        case .noDuplicates:
            try NoDuplicatesBatchSampler(
                dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: seed)
        case .groupByLabel:
            try GroupByLabelBatchSampler(
                dataset: dataset, batchSize: batchSize, dropLast: dropLast, seed: seed)
        }
    }
}
