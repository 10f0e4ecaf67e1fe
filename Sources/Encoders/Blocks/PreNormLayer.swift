import Autodiff
import Layers

/// One transformer layer that normalizes what goes into self-attention and feed-forward network, and adds their results to
/// what was there before.
public struct PreNormLayer: TokenLayer {
    /// Of what attention sees; nil: none.
    public let attentionNorm: (any Layer)?
    /// Within each sequence.
    public let attention: any TokenLayer
    /// Of what attention gives; nil: none.
    public let attentionResultNorm: (any Layer)?
    /// Of what the feed-forward network sees.
    public let feedForwardNorm: any Layer
    /// Of each token alone.
    public let feedForward: any Layer
    /// Of what the feed-forward network gives; nil: none.
    public let feedForwardResultNorm: (any Layer)?
    /// Of what attention gives, and of what the feed-forward network gives.
    public let attentionDropout, outputDropout: Dropout

    /// A layer of given parts.
    ///
    /// - Parameters:
    ///   - attentionNorm: Before the attention; nil: none.
    ///   - attention: Within each sequence.
    ///   - attentionResultNorm: After the attention; nil: none.
    ///   - feedForwardNorm: Before the feed-forward network.
    ///   - feedForward: Of each token alone.
    ///   - feedForwardResultNorm: After it; nil: none.
    ///   - attentionDropout: Share of the attention's result that training drops.
    ///   - outputDropout: The same of the feed-forward network's.
    public init(
        attentionNorm: (any Layer)?, attention: any TokenLayer, attentionResultNorm: (any Layer)? = nil, feedForwardNorm: any Layer,
        feedForward: any Layer, feedForwardResultNorm: (any Layer)? = nil, attentionDropout: Double = 0, outputDropout: Double = 0
    ) {
        self.attentionNorm = attentionNorm
        self.attention = attention
        self.attentionResultNorm = attentionResultNorm
        self.feedForwardNorm = feedForwardNorm
        self.feedForward = feedForward
        self.feedForwardResultNorm = feedForwardResultNorm
        self.attentionDropout = Dropout(attentionDropout)
        self.outputDropout = Dropout(outputDropout)
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        var attended = attention(attentionNorm?(x, in: context) ?? x, batch, in: context)
        attended = attentionResultNorm?(attended, in: context) ?? attended
        let h = x + attentionDropout(attended, in: context)
        var transformed = feedForward(feedForwardNorm(h, in: context), in: context)
        transformed = feedForwardResultNorm?(transformed, in: context) ?? transformed
        return h + outputDropout(transformed, in: context)
    }
}
