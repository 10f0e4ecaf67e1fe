import Autodiff
import Layers

/// Self-attention with a learned number for each head and relative position, which all layers share (T5, MPNet).
public struct BiasedAttention: TokenLayer {
    /// Within each sequence.
    public let attention: MultiHeadAttention
    /// `[N, heads]`: a row for each bucket.
    public let bias: Embedding  // [N, heads]
    /// Which row a relative position takes.
    public let buckets: DistanceBuckets

    /// An attention and the table that it shares with others.
    public init(_ attention: MultiHeadAttention, bias: Embedding, buckets: DistanceBuckets) {
        self.attention = attention
        self.bias = bias
        self.buckets = buckets
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        attention(
            x, offsets: batch.offsets, samples: batch.samples, bias: DistanceBias(bias.weight.value.transposed(), buckets), in: context)
    }
}
