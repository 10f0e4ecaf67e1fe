import Autodiff
import Encoders

/// Rows of a dataset, tokenized: all columns in one ragged batch, column after column.
public struct TrainingBatch: Sendable {
    public let tokens: TokenBatch
    public let columnCount: Int
    public let rowCount: Int
    /// `[B]`, float32.
    public let labels: Tensor?

    public init(tokens: TokenBatch, columnCount: Int, labels: Tensor?) {
        precondition(columnCount > 0 && tokens.count % columnCount == 0, "TrainingBatch: columns of different lengths")
        self.tokens = tokens
        self.columnCount = columnCount
        rowCount = tokens.count / columnCount
        self.labels = labels
    }
}
