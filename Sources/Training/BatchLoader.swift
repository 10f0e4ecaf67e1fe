import Autodiff
import Datasets
import Dispatch
import SentenceEmbeddings
import Synchronization

/// Tokenizes the batches of an epoch, each while the one before it is being computed.
final class BatchLoader: Sendable {
    private let dataset: Dataset
    private let model: SentenceTransformer
    private let batches: [[Int]]
    private let queue = DispatchQueue(label: "BatchLoader")
    private let prepared = Mutex<[Int: TrainingBatch]>([:])

    init(_ dataset: Dataset, batches: [[Int]], model: SentenceTransformer) {
        self.dataset = dataset
        self.batches = batches
        self.model = model
        prepare(0)
    }

    /// Batch number `index`; they are asked for in order.
    func batch(_ index: Int) -> TrainingBatch {
        let batch = queue.sync { prepared.withLock { $0.removeValue(forKey: index) } }
        prepare(index + 1)
        return batch ?? TrainingBatch(dataset, rows: batches[index], model: model)
    }

    private func prepare(_ index: Int) {
        guard index < batches.count else { return }
        queue.async { [self] in
            let batch = TrainingBatch(dataset, rows: batches[index], model: model)
            prepared.withLock { $0[index] = batch }
        }
    }
}
