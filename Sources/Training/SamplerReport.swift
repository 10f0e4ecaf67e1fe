import Sampling
import Tables

/// What the samplers make of the datasets, counted on the first epoch: before hours of training.
public struct SamplerReport: Sendable {
    /// A dataset's share.
    public struct Part: Sendable {
        /// The dataset's name; empty where there is one dataset.
        public let name: String
        /// Rows of the dataset.
        public let rowCount: Int
        /// Those that are in a batch.
        public let usedRowCount: Int
        /// Batches, exactly.
        public let batchCount: Int
        /// Batches that can give no gradient, since their labels do not differ as the loss needs it.
        public let batchesWithoutGradient: Int
        /// Rows whose inputs all stand in an earlier row.
        public let duplicateRowCount: Int
    }

    /// One for each dataset, in order.
    public let parts: [Part]
}

extension Trainer {
    /// Counts what the samplers make of the datasets.
    public func samplerReport() -> SamplerReport {
        let batches = batches(epoch: 0)
        return SamplerReport(
            parts: tasks.enumerated().map { number, task in
                let own = batches.filter { $0.dataset == number }
                return SamplerReport.Part(
                    name: task.name, rowCount: task.dataset.rowCount, usedRowCount: Set(own.flatMap(\.rows)).count, batchCount: own.count,
                    batchesWithoutGradient: task.batchesWithoutGradient(own.map(\.rows)), duplicateRowCount: task.dataset.duplicateRowCount)
            })
    }

    /// Says no where most batches of a dataset can give no gradient.
    func refuseBatchesWithoutGradient() throws {
        // Nothing is drawn for losses that take any labels.
        guard tasks.contains(where: { $0.dataset.labels != nil && !$0.objective.canTeach(labels: [0]) }) else { return }
        let batches = batches(epoch: 0)
        for (number, task) in tasks.enumerated() {
            let own = batches.filter { $0.dataset == number }.map(\.rows)
            let without = task.batchesWithoutGradient(own)
            guard 2 * without > own.count else { continue }
            throw TrainingError.nothingToTrain(
                (task.name.isEmpty ? "" : "dataset \(task.name): ")
                    + "\(without) of \(own.count) batches can give no gradient, since \(task.objective.name) compares rows of a batch whose labels "
                    + "differ; batch_sampler group_by_label, or larger batches, bring these together")
        }
    }
}

extension TrainingTask {
    fileprivate func batchesWithoutGradient(_ batches: [[Int]]) -> Int {
        guard let labels = dataset.labels, labels.rowShape.isEmpty else { return 0 }
        return batches.count { !objective.canTeach(labels: labels.values(ofRows: $0)) }
    }
}

extension Dataset {
    /// Rows whose inputs all stand in an earlier row.
    fileprivate var duplicateRowCount: Int {
        var hashes = (0..<rowCount).map { row in
            var hasher = Hasher()
            for column in columns { hasher.combine(column.digest(ofRow: row)) }
            return hasher.finalize()
        }
        hashes.sort()
        return zip(hashes, hashes.dropFirst()).count { $0 == $1 }
    }
}
