import Autodiff
import Encoders
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// Rows of a dataset, tokenized: all columns in one ragged batch, column after column.
public struct TrainingBatch: Sendable {
    /// C · B sequences: those of the first column, then those of the second …
    public let tokens: TokenBatch
    /// The texts, one array for each column.
    public let texts: [[String]]
    /// B, the number of rows.
    public let rowCount: Int
    /// `[B]`, or `[B, …]` where the rows' labels are lists; float64.
    public let labels: Tensor?

    /// Texts, one array for each column, tokenized by the model.
    public init(texts: [[String]], labels: Tensor? = nil, model: SentenceTransformer) {
        self.init(tokens: model.tokenize(columns: texts), texts: texts, labels: labels)
    }

    /// Texts that are tokenized already. Traps where columns differ in length.
    public init(tokens: TokenBatch, texts: [[String]], labels: Tensor?) {
        require(
            !texts.isEmpty && texts.allSatisfy { $0.count == texts[0].count } && tokens.count == texts.count * texts[0].count,
            "TrainingBatch: columns of different lengths")
        self.tokens = tokens
        self.texts = texts
        rowCount = texts[0].count
        self.labels = labels
    }

    /// Rows of a dataset, tokenized by the model. Traps where there is no such row, or none at all.
    ///
    /// - Parameters:
    ///   - dataset: The table.
    ///   - rows: Their numbers, from 0.
    ///   - model: Whose tokenizer is used.
    ///   - inputs: What is said of the columns.
    public init(_ dataset: Dataset, rows: [Int], model: SentenceTransformer, inputs: ColumnInputs = ColumnInputs()) {
        require(
            !rows.isEmpty && rows.allSatisfy { (0..<dataset.rowCount).contains($0) },
            "TrainingBatch: needs rows of 0..<\(dataset.rowCount), not \(rows.prefix(8))")
        let labels = dataset.labels.map { labels in
            Tensor(labels.values(ofRows: rows), shape: [rows.count] + labels.rowShape, dtype: .float64)
        }
        let texts = dataset.columns.map { column in rows.map { column.texts[$0] } }
        // A text draws by where it stands in the table, whatever batch it comes to.
        let samples = texts.indices.flatMap { column in
            rows.map { UInt32(truncatingIfNeeded: $0 * dataset.columns.count + column) }
        }
        let prompted = inputs.prompts.map { zip($0, texts).map { prompt, texts in texts.map { prompt + $0 } } }
        self.init(
            tokens: model.tokenize(columns: texts, prompts: inputs.prompts, tasks: inputs.tasks, samples: samples),
            texts: prompted ?? texts, labels: labels)
    }

    /// Some of the rows, in this order; each text keeps the number by which it draws.
    public func rows(_ numbers: [Int]) -> TrainingBatch {
        TrainingBatch(
            tokens: tokens.sequences(texts.indices.flatMap { column in numbers.map { column * rowCount + $0 } }),
            texts: texts.map { column in numbers.map { column[$0] } },
            labels: labels.map { labels in
                labels.reshaped([rowCount, -1]).gatheringRows(at: Tensor(indices: numbers)).reshaped(
                    [numbers.count] + labels.shape.dropFirst())
            })
    }

    /// C, the number of text columns.
    public var columnCount: Int { texts.count }

    /// The tokens of one column.
    public func tokens(ofColumn column: Int) -> TokenBatch { tokens.sequences(column * rowCount..<(column + 1) * rowCount) }
}
