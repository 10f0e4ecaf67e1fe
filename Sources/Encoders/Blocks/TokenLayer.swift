import Autodiff
import Layers

/// What maps the vectors of a batch's tokens to others: a layer of an encoder, or the attention inside of one.
public protocol TokenLayer: Module {
    /// - Parameters:
    ///   - x: `[T, H]`.
    ///   - batch: The sequences that the rows belong to.
    ///   - context: Training or inference.
    /// - Returns: `[T, H]`.
    func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor
}

extension MultiHeadAttention: TokenLayer {
    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        self(x, offsets: batch.offsets, samples: batch.samples, in: context)
    }
}
