import Autodiff
import Layers

/// Layers that follow one another and count as one.
public struct LayerGroup: TokenLayer {
    /// First to last.
    public let members: [any TokenLayer]

    /// Layers that follow one another.
    public init(_ members: [any TokenLayer]) { self.members = members }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        members.reduce(x) { $1($0, batch, in: context) }
    }
}
