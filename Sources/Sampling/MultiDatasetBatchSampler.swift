import Requirements
import Tables

/// How batches of several datasets follow each other, by the names of training arguments and files.
public enum MultiDatasetBatchSamplers: String, CaseIterable, Sendable {
    /// In a random order in which every dataset comes as often as it has batches.
    case proportional
    /// One batch of each in turn, until one of them has no more.
    case roundRobin = "round_robin"
}

/// Deals batches of several datasets, each batch from one of them.
///
/// Gives the same batches as the multi-dataset samplers of sentence-transformers do for the same seed: all datasets
/// draw from one generator, each when its first batch is due. Only `group_by_label` beside other datasets differs: its
/// reference draws again and again, between the others.
public struct MultiDatasetBatchSampler: Sendable {
    /// Rows of one of the datasets.
    public struct Batch: Sendable, Equatable {
        /// The number of the dataset.
        public let dataset: Int
        /// The numbers of its rows.
        public let rows: [Int]

        /// Rows of one dataset.
        public init(dataset: Int, rows: [Int]) {
            self.dataset = dataset
            self.rows = rows
        }
    }

    private let samplers: [any BatchSampler]
    private let order: MultiDatasetBatchSamplers
    private let seed: UInt64

    /// - Parameters:
    ///   - samplers: One for each dataset.
    ///   - order: How the batches of the datasets follow each other.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    public init(_ samplers: [any BatchSampler], order: MultiDatasetBatchSamplers = .proportional, seed: UInt64) {
        require(!samplers.isEmpty, "MultiDatasetBatchSampler: needs at least one dataset")
        self.samplers = samplers
        self.order = order
        self.seed = seed
    }

    /// Batches of an epoch.
    public var batchCount: Int {
        let counts = samplers.map(\.batchCount)
        return order == .proportional ? counts.reduce(0, +) : counts.count * counts.min()!
    }

    /// The batches of an epoch, from 0; a single dataset's are those of its own sampler.
    public func batches(epoch: Int) -> [Batch] {
        if samplers.count == 1 { return samplers[0].batches(epoch: epoch).map { Batch(dataset: 0, rows: $0) } }
        var generator = MersenneTwister(epoch: epoch, seed: seed)
        let turns: [Int]
        switch order {
        case .proportional:
            let all = samplers.indices.flatMap { [Int](repeating: $0, count: samplers[$0].batchCount) }
            turns = generator.permutation(count: all.count).map { all[$0] }
        case .roundRobin:
            turns = (0..<batchCount).map { $0 % samplers.count }
        }
        var queues = [ArraySlice<[Int]>?](repeating: nil, count: samplers.count)
        var batches: [Batch] = []
        for dataset in turns {
            var queue = queues[dataset] ?? samplers[dataset].batches(epoch: epoch, drawingFrom: &generator)[...]
            // A sampler may deal fewer batches than planned.
            if let rows = queue.popFirst() { batches.append(Batch(dataset: dataset, rows: rows)) }
            queues[dataset] = queue
        }
        return batches
    }
}
