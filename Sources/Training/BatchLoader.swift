import Autodiff
import Dispatch
import Requirements
import Sampling
import Tables

/// Prepares the batches of an epoch, each while the one before it is being computed.
final class BatchLoader<Model: TrainableModel>: Sendable {
    private let datasets: [Dataset]
    private let inputs: [ColumnInputs]
    private let model: Model
    private let batches: [MultiDatasetBatchSampler.Batch]
    private let queue = DispatchQueue(label: "BatchLoader")
    private let prepared = Locked<[Int: Result<Model.Batch, any Error>]>([:])

    /// - Parameters:
    ///   - datasets: What the batches number.
    ///   - inputs: What is said of the columns of each dataset.
    ///   - batches: Of one epoch.
    ///   - model: Makes batches of rows.
    ///   - first: The number of the batch that will be asked for first.
    init(_ datasets: [Dataset], inputs: [ColumnInputs], batches: [MultiDatasetBatchSampler.Batch], model: Model, first: Int = 0) {
        self.datasets = datasets
        self.inputs = inputs
        self.batches = batches
        self.model = model
        prepare(first)
    }

    /// Batch number `index`; they are asked for in order.
    func batch(_ index: Int) throws -> Model.Batch {
        let batch = queue.sync { prepared.withLock { $0.removeValue(forKey: index) } }
        prepare(index + 1)
        return try batch?.get() ?? made(index)
    }

    private func prepare(_ index: Int) {
        guard index < batches.count else { return }
        queue.async { [self] in
            // The threads are the training step's.
            let batch = Result { try Parallel.inline { try made(index) } }
            prepared.withLock { $0[index] = batch }
        }
    }

    private func made(_ index: Int) throws -> Model.Batch {
        let (dataset, rows) = (batches[index].dataset, batches[index].rows)
        return try model.batch(datasets[dataset], rows: rows, inputs: inputs[dataset])
    }
}
