import Autodiff
import Requirements

/// Drops a share of the elements in training, and does nothing in inference.
public struct Dropout: Layer {
    public let rate: Double

    public init(_ rate: Double) {
        require(rate >= 0 && rate < 1, "Dropout: a rate of \(rate) is not in 0..<1")
        self.rate = rate
    }

    /// - Parameter x: `[N, D]`; rows stand where `context.rows` says.
    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        guard let mask = context.nextDropoutMask(rate: rate) else { return x }
        return x.dropout(mask, at: context.rows ?? RowAddresses(rowCount: x.shape.first ?? 0))
    }
}
