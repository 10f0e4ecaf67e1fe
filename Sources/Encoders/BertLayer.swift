import Autodiff
import Layers
import ModelFiles

/// One transformer layer: self-attention, then a feed-forward network, each added to its input and normalized.
public struct BertLayer: Module {
    public let attention: MultiHeadAttention
    public let attentionNorm: LayerNorm
    public let feedForward: FeedForward
    public let outputNorm: LayerNorm
    public let dropout: Dropout

    public static let fileNames = [
        "attention.query": "attention.self.query", "attention.key": "attention.self.key",
        "attention.value": "attention.self.value", "attention.output": "attention.output.dense",
        "attentionNorm": "attention.output.LayerNorm",
        "feedForward.expansion": "intermediate.dense", "feedForward.contraction": "output.dense",
        "outputNorm": "output.LayerNorm",
    ]

    init(_ configuration: BertConfiguration, activation: Activation, key: RandomKey?) {
        let width = configuration.hiddenSize
        attention = MultiHeadAttention(
            width: width, headCount: configuration.attentionHeadCount, dropoutRate: configuration.attentionDropout,
            standardDeviation: configuration.initializerRange, key: key?.folded(with: 0))
        attentionNorm = LayerNorm(width: width, epsilon: configuration.layerNormEpsilon)
        feedForward = FeedForward(
            width: width, hiddenWidth: configuration.intermediateSize, activation: activation,
            standardDeviation: configuration.initializerRange, key: key?.folded(with: 1))
        outputNorm = LayerNorm(width: width, epsilon: configuration.layerNormEpsilon)
        dropout = Dropout(configuration.hiddenDropout)
    }

    /// - Parameter x: `[T, H]`.
    func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        transform(attend(x, batch, in: context), in: context)
    }

    /// The first half: self-attention.
    func attend(_ x: Tensor, _ batch: TokenBatch, isCausal: Bool = false, in context: Context) -> Tensor {
        let attended = attention(x, offsets: batch.offsets, samples: batch.samples, isCausal: isCausal, in: context)
        return attentionNorm(x + dropout(attended, in: context))
    }

    /// The second half: the feed-forward network.
    func transform(_ h: Tensor, in context: Context) -> Tensor {
        outputNorm(h + dropout(feedForward(h), in: context))
    }
}
