import Requirements
import Tables

/// How batches of several datasets follow each other: by name, by weights, or by a rule of your own.
public protocol MultiDatasetOrder: Sendable {
    /// The number of the dataset that each batch of an epoch comes from.
    ///
    /// A dataset that comes more often than it has batches begins anew, in another order.
    ///
    /// - Parameters:
    ///   - counts: The batches that each dataset has.
    ///   - generator: Of this epoch.
    func turns(_ counts: [Int], drawingFrom generator: inout MersenneTwister) -> [Int]

    /// How many batches that are.
    func batchCount(_ counts: [Int]) -> Int
}

/// How batches of several datasets follow each other, by the names of training arguments and files.
public enum MultiDatasetBatchSamplers: String, CaseIterable, MultiDatasetOrder {
    /// In a random order in which every dataset comes as often as it has batches.
    case proportional
    /// One batch of each in turn, until one of them has no more.
    case roundRobin = "round_robin"

    public func batchCount(_ counts: [Int]) -> Int { self == .proportional ? counts.reduce(0, +) : counts.count * (counts.min() ?? 0) }

    public func turns(_ counts: [Int], drawingFrom generator: inout MersenneTwister) -> [Int] {
        switch self {
        case .proportional: generator.shuffledTurns(counts)
        case .roundRobin: (0..<batchCount(counts)).map { $0 % counts.count }
        }
    }
}

/// A random order in which a dataset comes as often as it has batches, times its weight.
public struct WeightedOrder: MultiDatasetOrder {
    /// One for each dataset, 0 or more; 1 for one that comes as in `proportional`.
    public let weights: [Double]

    /// - Throws: `DatasetError` for a weight that is negative or not finite, or if all are zero.
    public init(_ weights: [Double]) throws {
        if let wrong = weights.first(where: { !($0 >= 0 && $0.isFinite) }) {
            throw DatasetError("the weight of a dataset must be 0 or more, and finite, found \(wrong)")
        }
        guard weights.contains(where: { $0 > 0 }) else { throw DatasetError("at least one dataset needs a weight of more than 0") }
        self.weights = weights
    }

    private func weighted(_ counts: [Int]) -> [Int] {
        require(counts.count == weights.count, "WeightedOrder: \(weights.count) weights for \(counts.count) datasets")
        return zip(counts, weights).map { Int((Double($0) * $1).rounded(.up)) }
    }

    public func batchCount(_ counts: [Int]) -> Int { weighted(counts).reduce(0, +) }

    public func turns(_ counts: [Int], drawingFrom generator: inout MersenneTwister) -> [Int] { generator.shuffledTurns(weighted(counts)) }
}

extension MersenneTwister {
    /// Number i as often as `counts[i]` says, in random order.
    fileprivate mutating func shuffledTurns(_ counts: [Int]) -> [Int] {
        let all = counts.indices.flatMap { [Int](repeating: $0, count: counts[$0]) }
        return permutation(count: all.count).map { all[$0] }
    }
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
    private let order: any MultiDatasetOrder
    private let seed: UInt64

    /// - Parameters:
    ///   - samplers: One for each dataset.
    ///   - order: How the batches of the datasets follow each other.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    public init(_ samplers: [any BatchSampler], order: any MultiDatasetOrder = MultiDatasetBatchSamplers.proportional, seed: UInt64) {
        require(!samplers.isEmpty, "MultiDatasetBatchSampler: needs at least one dataset")
        self.samplers = samplers
        self.order = order
        self.seed = seed
    }

    /// Batches of an epoch.
    public var batchCount: Int { samplers.count == 1 ? samplers[0].batchCount : order.batchCount(samplers.map(\.batchCount)) }

    /// The batches of an epoch, from 0; a single dataset's are those of its own sampler.
    public func batches(epoch: Int) -> [Batch] {
        if samplers.count == 1 { return samplers[0].batches(epoch: epoch).map { Batch(dataset: 0, rows: $0) } }
        var generator = MersenneTwister(epoch: epoch, seed: seed)
        let counts = samplers.map(\.batchCount)
        let turns = order.turns(counts, drawingFrom: &generator)
        require(
            turns.count == order.batchCount(counts) && turns.allSatisfy(samplers.indices.contains),
            "\(type(of: order)).turns: \(turns.count) turns, where batchCount says \(order.batchCount(counts)), of \(samplers.count) datasets"
        )
        // How often each dataset was begun, and how many of its batches came since.
        var (passes, dealt) = ([Int](repeating: 0, count: samplers.count), [Int](repeating: 0, count: samplers.count))
        var queues = [ArraySlice<[Int]>?](repeating: nil, count: samplers.count)
        var batches: [Batch] = []
        for dataset in turns {
            if dealt[dataset] == counts[dataset] {
                (queues[dataset], dealt[dataset]) = (samplers[dataset].batches(epoch: epoch + passes[dataset] * 1_000_003)[...], 0)
            }
            var queue = queues[dataset] ?? samplers[dataset].batches(epoch: epoch, drawingFrom: &generator)[...]
            if dealt[dataset] == 0 { passes[dataset] += 1 }
            dealt[dataset] += 1
            // A sampler may deal fewer batches than planned.
            if let rows = queue.popFirst() { batches.append(Batch(dataset: dataset, rows: rows)) }
            queues[dataset] = queue
        }
        return batches
    }
}
