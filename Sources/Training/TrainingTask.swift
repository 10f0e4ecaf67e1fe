import Layers
import Losses
import Sampling
import Tables

/// A dataset and the objective that it is trained with; several make a multi-dataset training.
public struct TrainingTask<Model: TrainableModel>: Sendable {
    /// By which logs and messages call it; empty where there is only one.
    public let name: String
    /// The rows of the first epoch.
    public let dataset: Dataset
    /// What it is trained with.
    public let objective: any Objective<Model>
    let source: any EpochwiseDataset
    private let sampler: (any BatchSamplerFactory)?

    /// - Parameters:
    ///   - source: A `Dataset`, or rows that are made anew for each epoch.
    ///   - name: What logs and messages call it.
    ///   - objective: What it is trained with.
    ///   - sampler: Which rows make a batch; nil: what `batch_sampler` says.
    /// - Throws: What making the rows of the first epoch throws.
    public init(
        _ source: any EpochwiseDataset, name: String = "", objective: some Objective<Model>, sampler: (any BatchSamplerFactory)? = nil
    ) throws {
        self.sampler = sampler
        self.name = name
        self.source = source
        self.objective = objective
        dataset = try source.dataset(epoch: 0)
    }

    func dataset(epoch: Int) throws -> Dataset { epoch == 0 ? dataset : try source.dataset(epoch: epoch) }

    /// Cuts the dataset into batches; a last one of fewer rows than the objective needs is left out.
    ///
    /// - Throws: `LossInputError` when no batch could be large enough, `DatasetError` when there is no batch.
    func batchSampler(_ arguments: TrainingArguments, batchSize: Int, dropLast: Bool) throws -> any BatchSampler {
        let (minimum, rest) = (objective.minimumRows, dataset.rowCount % batchSize)
        guard batchSize >= minimum else {
            throw LossInputError("\(objective.name): takes batches of \(minimum) rows or more, but the batch size is \(batchSize)")
        }
        let sampler =
            try source.sampler(batchSize: batchSize)
            ?? (self.sampler ?? arguments.batchSampler).sampler(
                for: dataset, batchSize: batchSize, dropLast: dropLast || (1..<minimum).contains(rest),
                seed: arguments.dataSeed ?? arguments.seed)
        guard sampler.batchCount > 0 else {
            throw DatasetError("\(dataset.rowCount) rows make no batch of \(dropLast ? batchSize : minimum)", source: dataset.source)
        }
        return sampler
    }

    /// Says no to what does not fit, before any work is done.
    ///
    /// - Throws: `LossInputError` or `DatasetError`.
    func check(_ model: Model) throws {
        do {
            try objective.check(dataset, for: model)
        } catch let error as LossInputError where !name.isEmpty {
            throw LossInputError("dataset \(name): \(error)")
        }
    }
}
