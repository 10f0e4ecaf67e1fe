import Tables

/// Deals batches in which no text occurs twice, in whichever columns: for losses that take the other rows of
/// a batch as negatives, where a repeated text would be a negative of itself.
///
/// Gives the same batches as `no_duplicates` of sentence-transformers does for the same seed.
public struct NoDuplicatesBatchSampler: BatchSampler {
    /// How often a dataset is shuffled again when one pass gave fewer batches than planned.
    private static let maximumExtraPasses = 2
    /// Columns that are no texts to a loss: labels by name, and the mark of a dataset among several.
    private static let ignoredColumnNames = Set(Dataset.labelNames + ["dataset_name"])
    private static let noPosition: Int32 = -1

    /// Rows of the dataset.
    public let rowCount: Int
    /// Rows of a batch.
    public let batchSize: Int
    /// Whether a smaller last batch is left out.
    public let dropLast: Bool
    /// What the order of each epoch is drawn from.
    public let seed: UInt64

    /// `[rowCount, columnCount]`, row by row: equal numbers stand for equal texts.
    private let textNumbers: [Int32]
    private let columnCount: Int
    private let distinctTextCount: Int

    /// - Parameters:
    ///   - dataset: The rows.
    ///   - batchSize: Rows of a batch.
    ///   - dropLast: Whether batches of fewer than `batchSize` rows are left out, wherever they occur.
    ///   - seed: Epoch `e` is drawn from the low 32 bits of `seed + e`.
    /// - Throws: `DatasetError` if `batchSize` is less than 1.
    public init(dataset: Dataset, batchSize: Int, dropLast: Bool = false, seed: UInt64) throws {
        try Self.check(batchSize: batchSize)
        self.rowCount = dataset.rowCount
        self.batchSize = batchSize
        self.dropLast = dropLast
        self.seed = seed
        let columns = dataset.columns.filter { !Self.ignoredColumnNames.contains($0.name) }
        columnCount = columns.count
        let index = TextNumbers(columns)
        (textNumbers, distinctTextCount) = (index.numbers, index.count)
    }

    public var batchCount: Int {
        Self.batchCount(rowCount: rowCount, batchSize: batchSize, dropLast: dropLast)
    }

    /// The first `batchCount` of `allBatches(epoch:)`.
    ///
    /// Without `dropLast`, duplicates make some batches short. There are then more batches than planned, and
    /// an epoch leaves out the rows of the surplus ones; which rows these are differs from epoch to epoch.
    public func batches(epoch: Int) -> [[Int]] {
        Array(allBatches(epoch: epoch).prefix(batchCount))
    }

    /// Seeds the generator anew, as the reference does.
    public func batches(epoch: Int, drawingFrom generator: inout MersenneTwister) -> [[Int]] {
        generator = MersenneTwister(epoch: epoch, seed: seed)
        return Array(allBatches(drawingFrom: &generator).prefix(batchCount))
    }

    /// Every batch that the rows give: without `dropLast` each row is in exactly one, as evaluating a loss
    /// needs.
    ///
    /// With `dropLast`, a pass that gave some batches but fewer than `batchCount` is followed by up to two
    /// more over newly shuffled rows, until there are `batchCount`. There are fewer if that was not enough,
    /// which means that the dataset has too few distinct texts for the batch size.
    public func allBatches(epoch: Int) -> [[Int]] {
        var generator = MersenneTwister(epoch: epoch, seed: seed)
        return allBatches(drawingFrom: &generator)
    }

    private func allBatches(drawingFrom generator: inout MersenneTwister) -> [[Int]] {
        var batches = singlePass(over: generator.permutation(count: rowCount))
        guard !batches.isEmpty else { return [] }
        var extraPasses = 0
        while batches.count < batchCount && extraPasses < Self.maximumExtraPasses {
            let missing = batchCount - batches.count
            batches += singlePass(over: generator.permutation(count: rowCount)).prefix(missing)
            extraPasses += 1
        }
        return batches
    }

    /// Fills batch after batch from the rows that remain, in order. A row that shares a text with the open
    /// batch stays where it is, for a later batch.
    private func singlePass(over order: [Int]) -> [[Int]] {
        guard !order.isEmpty else { return [] }
        // A linked list of the positions in `order` that remain.
        var following = (1...Int32(order.count)).map { $0 }
        following[order.count - 1] = Self.noPosition
        var head: Int32 = 0
        // The batch, counted from 1, that last took each text: one comparison tells whether the open batch
        // has it.
        var lastBatch = [Int32](repeating: 0, count: distinctTextCount)
        var openBatch: Int32 = 0
        var batches: [[Int]] = []

        while head != Self.noPosition {
            openBatch += 1
            var batch: [Int] = []
            batch.reserveCapacity(min(batchSize, order.count))
            var previous = Self.noPosition
            var current = head
            while current != Self.noPosition && batch.count < batchSize {
                let next = following[Int(current)]
                let row = order[Int(current)]
                let range = row * columnCount..<(row + 1) * columnCount
                if range.contains(where: { lastBatch[Int(textNumbers[$0])] == openBatch }) {
                    previous = current
                } else {
                    batch.append(row)
                    for index in range { lastBatch[Int(textNumbers[index])] = openBatch }
                    if previous == Self.noPosition { head = next } else { following[Int(previous)] = next }
                }
                current = next
            }
            if batch.count == batchSize || !dropLast { batches.append(batch) }
        }
        return batches
    }
}
