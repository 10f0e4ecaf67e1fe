import Autodiff
import Layers

/// One transformer layer: self-attention, then a feed-forward network, each added to its input and normalized.
public struct TransformerLayer: Module {
    /// Within each sequence.
    public let attention: MultiHeadAttention
    /// Of the attention's output added to its input.
    public let attentionNorm: LayerNorm
    /// Of each token alone.
    public let feedForward: FeedForward
    /// Of its output added to its input.
    public let outputNorm: LayerNorm
    /// Of what attention gives, and of what the feed-forward network gives.
    public let attentionDropout, outputDropout: Dropout

    /// - Parameters:
    ///   - width: H.
    ///   - headCount: Heads of the attention; they divide H.
    ///   - hiddenWidth: F.
    ///   - activation: Inside of the feed-forward layer.
    ///   - normEpsilon: Of both norms.
    ///   - scoreDropout: Share of the attention's probabilities that training drops.
    ///   - attentionDropout: Share of the attention's result that training drops.
    ///   - outputDropout: The same of the feed-forward network's.
    ///   - standardDeviation: Of random weights.
    ///   - key: Draws the weights; without one all are zero, to be filled from a file.
    public init(
        width: Int, headCount: Int, hiddenWidth: Int, activation: Activation = .gelu, normEpsilon: Double = 1e-12,
        scoreDropout: Double = 0, attentionDropout: Double = 0, outputDropout: Double = 0, standardDeviation: Double = 0.02,
        key: RandomKey?
    ) {
        attention = MultiHeadAttention(
            width: width, headCount: headCount, dropoutRate: scoreDropout, standardDeviation: standardDeviation,
            key: key?.folded(with: 0))
        attentionNorm = LayerNorm(width: width, epsilon: normEpsilon)
        feedForward = FeedForward(
            width: width, hiddenWidth: hiddenWidth, activation: activation, standardDeviation: standardDeviation,
            key: key?.folded(with: 1))
        outputNorm = LayerNorm(width: width, epsilon: normEpsilon)
        self.attentionDropout = Dropout(attentionDropout)
        self.outputDropout = Dropout(outputDropout)
    }

    /// - Parameters:
    ///   - x: `[T, H]`.
    ///   - batch: The sequences that the rows belong to.
    ///   - context: Training or inference.
    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        transform(attend(x, batch, in: context), in: context)
    }

    /// The first half: self-attention.
    func attend(_ x: Tensor, _ batch: TokenBatch, isCausal: Bool = false, in context: Context) -> Tensor {
        let attended = attention(x, offsets: batch.offsets, samples: batch.samples, isCausal: isCausal, in: context)
        return attentionNorm(x + attentionDropout(attended, in: context))
    }

    /// The second half: the feed-forward network.
    func transform(_ h: Tensor, in context: Context) -> Tensor {
        outputNorm(h + outputDropout(feedForward(h), in: context))
    }
}
