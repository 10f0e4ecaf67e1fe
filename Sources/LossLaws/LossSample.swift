import Autodiff
import Losses

/// A batch as a loss sees it, before anything is asked of it.
struct LossSample {
    /// One array a column.
    var texts: [[String]]
    var labels: Tensor?
    /// `[B, D]` for each layer and column; one layer for losses that see the last only.
    var layers: [[Tensor]]

    var rowCount: Int { texts[0].count }
    var columnCount: Int { texts.count }

    /// Some of the rows, in this order.
    func rows(_ numbers: [Int]) -> LossSample {
        LossSample(
            texts: texts.map { column in numbers.map { column[$0] } }, labels: labels?.rows(numbers),
            layers: layers.map { $0.map { $0.rows(numbers) } })
    }

    /// Something done to every tensor of embeddings; the transformation is told the column.
    func mapEmbeddings(_ transform: (_ column: Int, _ rows: Tensor) -> Tensor) -> LossSample {
        var copy = self
        copy.layers = layers.map { $0.enumerated().map { transform($0.offset, $0.element) } }
        return copy
    }

    /// The first columns only.
    func columns(_ numbers: [Int]) -> LossSample {
        LossSample(texts: numbers.map { texts[$0] }, labels: labels, layers: layers.map { layer in numbers.map { layer[$0] } })
    }
}
