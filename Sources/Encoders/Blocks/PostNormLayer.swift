import Autodiff
import Layers

/// One transformer layer: self-attention, then a feed-forward network, each added to its input and normalized after that.
public struct PostNormLayer<Attention: TokenLayer>: TokenLayer {
    /// Within each sequence.
    public let attention: Attention
    /// Of the attention's output added to its input.
    public let attentionNorm: LayerNorm
    /// Of each token alone.
    public let feedForward: any Layer
    /// Of its output added to its input.
    public let outputNorm: LayerNorm
    /// Of what attention gives, and of what the feed-forward network gives.
    public let attentionDropout, outputDropout: Dropout

    /// - Parameters:
    ///   - attention: Within each sequence.
    ///   - feedForward: Of each token alone.
    ///   - width: H.
    ///   - normEpsilon: Of both norms.
    ///   - attentionDropout: Share of the attention's result that training drops.
    ///   - outputDropout: The same of the feed-forward network's.
    public init(
        attention: Attention, feedForward: any Layer, width: Int, normEpsilon: Double = 1e-12, attentionDropout: Double = 0,
        outputDropout: Double = 0
    ) {
        self.attention = attention
        attentionNorm = LayerNorm(width: width, epsilon: normEpsilon)
        self.feedForward = feedForward
        outputNorm = LayerNorm(width: width, epsilon: normEpsilon)
        self.attentionDropout = Dropout(attentionDropout)
        self.outputDropout = Dropout(outputDropout)
    }

    /// A layer around an attention, by the sizes of a configuration.
    ///
    /// - Parameters:
    ///   - attention: Within each sequence.
    ///   - c: Width, activation, dropout, and the rest.
    ///   - attentionDropout: Share of the attention's result that training drops; nil: as elsewhere.
    ///   - key: Draws the weights of the feed-forward network; without one all are zero, to be filled from a file.
    public init(attention: Attention, _ c: EncoderConfiguration, attentionDropout: Double? = nil, key: RandomKey?) {
        self.init(
            attention: attention,
            feedForward: FeedForward(
                width: c.hiddenSize, hiddenWidth: c.intermediateSize, activation: c.hiddenActivation,
                standardDeviation: c.initializerRange, key: key?.folded(with: 1)),
            width: c.hiddenSize, normEpsilon: c.layerNormEpsilon, attentionDropout: attentionDropout ?? c.hiddenDropout,
            outputDropout: c.hiddenDropout)
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        transform(add(attention(x, batch, in: context), to: x, in: context), in: context)
    }

    private func add(_ attended: Tensor, to x: Tensor, in context: Context) -> Tensor {
        attentionNorm(x + attentionDropout(attended, in: context))
    }

    /// The second half: the feed-forward network.
    func transform(_ h: Tensor, in context: Context) -> Tensor {
        outputNorm(h + outputDropout(feedForward(h, in: context), in: context))
    }
}

extension PostNormLayer where Attention == MultiHeadAttention {
    /// BERT's layer.
    ///
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
        self.init(
            attention: MultiHeadAttention(
                width: width, headCount: headCount, dropoutRate: scoreDropout, standardDeviation: standardDeviation,
                key: key?.folded(with: 0)),
            feedForward: FeedForward(
                width: width, hiddenWidth: hiddenWidth, activation: activation, standardDeviation: standardDeviation,
                key: key?.folded(with: 1)),
            width: width, normEpsilon: normEpsilon, attentionDropout: attentionDropout, outputDropout: outputDropout)
    }

    /// The first half where no token sees those after it.
    func attendCausally(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        add(attention(x, offsets: batch.offsets, samples: batch.samples, isCausal: true, in: context), to: x, in: context)
    }
}

/// BERT's layer.
public typealias TransformerLayer = PostNormLayer<MultiHeadAttention>
