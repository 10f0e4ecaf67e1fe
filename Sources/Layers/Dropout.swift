import Autodiff
import Requirements

/// Drops a share of the elements in training, and does nothing in inference.
public struct Dropout: Layer {
    /// The share of elements that training drops.
    public let rate: Double

    /// Traps for a rate outside 0 ..< 1.
    public init(_ rate: Double) {
        require(rate >= 0 && rate < 1, "Dropout: a rate of \(rate) is not in 0..<1")
        self.rate = rate
    }

    /// - Parameters:
    ///   - x: `[N, D]`; rows stand where `context.rows` says.
    ///   - context: Training or inference, and where the rows stand.
    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        guard let mask = context.nextDropoutMask(rate: rate) else { return x }
        return x.dropout(mask, at: context.rows ?? RowAddresses(rowCount: x.shape.first ?? 0))
    }
}
