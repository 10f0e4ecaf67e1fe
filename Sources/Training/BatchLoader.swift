import Autodiff
import Dispatch
import Sampling
import SentenceEmbeddings
import Synchronization
import Tables

/// Tokenizes the batches of an epoch, each while the one before it is being computed.
final class BatchLoader: Sendable {
    private let datasets: [Dataset]
    private let model: SentenceTransformer
    private let batches: [MultiDatasetBatchSampler.Batch]
    private let queue = DispatchQueue(label: "BatchLoader")
    private let prepared = Mutex<[Int: TrainingBatch]>([:])

    init(_ datasets: [Dataset], batches: [MultiDatasetBatchSampler.Batch], model: SentenceTransformer) {
        self.datasets = datasets
        self.batches = batches
        self.model = model
        prepare(0)
    }

    /// Batch number `index`; they are asked for in order.
    func batch(_ index: Int) -> TrainingBatch {
        let batch = queue.sync { prepared.withLock { $0.removeValue(forKey: index) } }
        prepare(index + 1)
        return batch ?? tokenized(index)
    }

    private func prepare(_ index: Int) {
        guard index < batches.count else { return }
        queue.async { [self] in
            let batch = tokenized(index)
            prepared.withLock { $0[index] = batch }
        }
    }

    private func tokenized(_ index: Int) -> TrainingBatch {
        TrainingBatch(datasets[batches[index].dataset], rows: batches[index].rows, model: model)
    }
}
