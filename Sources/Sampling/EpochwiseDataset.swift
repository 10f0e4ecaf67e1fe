import Tables

/// Rows that are made anew for each epoch: other pairs, other noise. A `Dataset` is one whose rows stay.
public protocol EpochwiseDataset: Sendable {
    /// The rows of an epoch (from 0): as many in each, with the same columns, and the same for the same number.
    func dataset(epoch: Int) throws -> Dataset

    /// What deals the rows into batches where their order matters; nil leaves it to the training arguments.
    ///
    /// - Throws: When it cannot make batches of this size.
    func sampler(batchSize: Int) throws -> (any BatchSampler)?
}

extension EpochwiseDataset {
    public func sampler(batchSize: Int) throws -> (any BatchSampler)? { nil }
}

extension Dataset: EpochwiseDataset {
    public func dataset(epoch: Int) -> Dataset { self }
}
