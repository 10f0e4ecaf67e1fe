import Tables

/// Deals batches with two or more rows of every label in them, and two labels or more: for losses that look for
/// triplets among the rows of a batch.
///
/// Labels take turns, in an order drawn anew each round, and give two rows each, until fewer than two labels have
/// rows left. The rest of the largest label is left out of the epoch; which rows these are differs from epoch to epoch.
///
/// Gives the same batches as `group_by_label` of sentence-transformers does for the same seed.
public struct GroupByLabelBatchSampler: BatchSampler {
    /// Two rows of two labels: a batch with fewer holds no triplet.
    private static let fewestRows = 4

    /// Rows of a batch.
    public let batchSize: Int
    /// Whether a smaller last batch is left out.
    public let dropLast: Bool
    /// What the order of each epoch is drawn from.
    public let seed: UInt64

    /// The rows of each label that occurs twice or more, labels in the order of their first rows.
    private let groups: [[Int]]

    /// - Parameters:
    ///   - dataset: With labels, whole numbers.
    ///   - batchSize: Even, at least 4.
    ///   - dropLast: Whether a last batch of fewer rows is left out; one of fewer than four always is.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    /// - Throws: `DatasetError` for another batch size, a dataset without one number a row as label, or one in which
    ///   fewer than two labels occur twice. A dataset without rows gives no batches.
    public init(dataset: Dataset, batchSize: Int, dropLast: Bool = false, seed: UInt64) throws {
        try Self.check(batchSize: batchSize)
        guard batchSize >= Self.fewestRows, batchSize.isMultiple(of: 2) else {
            throw DatasetError("batchSize must be even and at least \(Self.fewestRows) to group rows by label, found \(batchSize)")
        }
        self.batchSize = batchSize
        self.dropLast = dropLast
        self.seed = seed
        guard let labels = dataset.labels, labels.values.count == dataset.rowCount else {
            throw DatasetError(
                "grouping rows by label takes one number a row as label, but "
                    + (dataset.labels.map { "column \($0.name) holds lists of shape \($0.rowShape)" } ?? "there is no label column"),
                source: dataset.source)
        }
        var order: [Double] = []
        var rows: [Double: [Int]] = [:]
        for (row, label) in labels.values.enumerated() {
            if rows[label] == nil { order.append(label) }
            rows[label, default: []].append(row)
        }
        groups = order.compactMap { rows[$0] }.filter { $0.count >= 2 }
        guard groups.count >= 2 || dataset.rowCount == 0 else {
            throw DatasetError(
                "grouping rows by label takes two labels or more that occur twice or more, found \(groups.count)",
                source: dataset.source, column: labels.name)
        }
    }

    public var batchCount: Int {
        let pairs = groups.map { $0.count / 2 }.sorted(by: >)
        guard pairs.count >= 2 else { return 0 }
        // When the second largest label has no rows left, only the largest has.
        let rowCount = 2 * pairs.reduce(0) { $0 + min($1, pairs[1]) }
        let (full, rest) = rowCount.quotientAndRemainder(dividingBy: batchSize)
        return full + (!dropLast && rest >= Self.fewestRows ? 1 : 0)
    }

    public func batches(epoch: Int) -> [[Int]] {
        var generator = MersenneTwister(epoch: epoch, seed: seed)
        return batches(epoch: epoch, drawingFrom: &generator)
    }

    /// Seeds the generator anew, as the reference does.
    public func batches(epoch: Int, drawingFrom generator: inout MersenneTwister) -> [[Int]] {
        generator = MersenneTwister(epoch: epoch, seed: seed)
        var queues = groups.map { rows in generator.permutation(count: rows.count).prefix(rows.count / 2 * 2).map { rows[$0] }[...] }
        var live = Array(groups.indices)
        var batches: [[Int]] = []
        var batch: [Int] = []
        var last: Int?
        while live.count >= 2 {
            live = generator.permutation(count: live.count).map { live[$0] }
            // Two pairs in a row of one batch are not of one label.
            if !batch.isEmpty && live[0] == last { live.swapAt(0, 1) }
            for group in live {
                batch += queues[group].prefix(2)
                queues[group] = queues[group].dropFirst(2)
                if batch.count == batchSize {
                    batches.append(batch)
                    batch = []
                }
            }
            last = live.last
            live.removeAll { queues[$0].isEmpty }
        }
        return batches + (!dropLast && batch.count >= Self.fewestRows ? [batch] : [])
    }
}
