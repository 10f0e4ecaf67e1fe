import Sampling
import Tables

/// Texts and a label, as training by `fit` takes them.
public struct InputExample: Sendable, Equatable {
    /// An id of your own.
    public var guid: String
    /// As many in every example.
    public var texts: [String]
    /// One number, or a list of them.
    public var label: [Double]

    /// Texts with a number for a label.
    public init(guid: String = "", texts: [String], label: Double = 0) { (self.guid, self.texts, self.label) = (guid, texts, [label]) }

    /// Texts with a list for a label, such as a teacher's embedding.
    public init(guid: String = "", texts: [String], label: [Double]) { (self.guid, self.texts, self.label) = (guid, texts, label) }
}

extension Dataset {
    /// Examples as columns `sentence_0`, `sentence_1` … and `label`, which is left out where all labels are 0.
    ///
    /// - Throws: `DatasetError` for no examples, and for one that has another number of texts or labels than the first.
    public init(_ examples: [InputExample]) throws {
        guard let first = examples.first else { throw DatasetError("there are no examples") }
        for (row, example) in examples.enumerated() {
            guard example.texts.count == first.texts.count, example.label.count == first.label.count else {
                throw DatasetError(
                    "example \(row + 1) has \(example.texts.count) texts and a label of \(example.label.count) numbers, but the first has "
                        + "\(first.texts.count) and \(first.label.count)", row: row + 1)
            }
        }
        let columns = first.texts.indices.map { index in Column(name: "sentence_\(index)", texts: examples.map { $0.texts[index] }) }
        let values = examples.flatMap(\.label)
        let hasLabels = first.label.count != 1 || values.contains { $0 != 0 }
        let shape = first.label.count == 1 ? [] : [first.label.count]
        try self.init(columns: columns, labels: hasLabels ? Column(name: "label", values: values, rowShape: shape) : nil)
    }
}

/// Deals examples into batches for `fit`.
public protocol ExampleLoader: Sendable {
    /// All examples, in their order.
    var examples: [InputExample] { get }
    /// Examples of a batch.
    var batchSize: Int { get }
    /// Which examples make a batch.
    var batchSampler: BatchSamplers { get }
}

/// Examples in batches, shuffled.
public struct DataLoader: ExampleLoader {
    public let examples: [InputExample]
    public let batchSize: Int
    public let batchSampler: BatchSamplers

    /// Examples in any order.
    public init(_ examples: [InputExample], batchSize: Int = 8) {
        (self.examples, self.batchSize, batchSampler) = (examples, batchSize, .batchSampler)
    }

    /// Examples by their labels: two or more of each label in a batch.
    public init(_ dataset: SentenceLabelDataset, batchSize: Int = 8) {
        (examples, self.batchSize, batchSampler) = (dataset.examples, batchSize, .groupByLabel)
    }

    /// Translations with their teacher's embeddings.
    public init(_ dataset: ParallelSentencesDataset, batchSize: Int = 8) {
        self.init(dataset.examples, batchSize: batchSize)
    }
}

/// Examples in batches in which no text is twice.
public struct NoDuplicatesDataLoader: ExampleLoader {
    public let examples: [InputExample]
    public let batchSize: Int
    public var batchSampler: BatchSamplers { .noDuplicates }

    /// Examples in any order.
    public init(_ examples: [InputExample], batchSize: Int) { (self.examples, self.batchSize) = (examples, batchSize) }
}

/// Examples of labels that occur several times, for losses that look for triplets in a batch.
public struct SentenceLabelDataset: Sendable {
    /// Those whose labels occur often enough, grouped by label, labels in the order of their first examples.
    public let examples: [InputExample]

    /// Leaves out labels with fewer than `samplesPerLabel` examples.
    public init(_ examples: [InputExample], samplesPerLabel: Int = 2) {
        let groups = Dictionary(grouping: examples.indices) { examples[$0].label }.values.filter { $0.count >= samplesPerLabel }
        self.examples = groups.sorted { $0[0] < $1[0] }.flatMap { $0.map { examples[$0] } }
    }
}
