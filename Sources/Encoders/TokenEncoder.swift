import Autodiff
import Layers
import Requirements

/// A network that gives each token of a batch a vector.
public protocol TokenEncoder: Module {
    /// Its architecture and sizes, as `config.json` has them.
    var configuration: EncoderConfiguration { get }
    /// The longest sequence that it takes, in tokens.
    var maximumLength: Int { get }

    /// - Returns: `[T, H]` each: the output of the embeddings, then of every layer; the last is the result.
    func hiddenStates(_ batch: TokenBatch, in context: Context) -> [Tensor]

    /// The first `count` layers, which go on sharing their parameters with this encoder.
    ///
    /// - Precondition: `count` is at most `layerCount`; with 0 only the embeddings are left.
    func truncated(toLayers count: Int) -> Self

    /// This encoder, with the same parameters, as training may want it; nil where it cannot be so.
    func training(_ settings: EncoderTraining) -> Self?
}

/// What training may want of an encoder beside dropout. Inference knows nothing of it.
public struct EncoderTraining: Sendable, Equatable {
    /// Noise of α / √(tokens · width) is added to the word embeddings (NEFTune: Jain et al. 2023, arXiv:2310.05914); nil: none.
    public var embeddingNoise: Double?
    /// Whether each layer is computed again in the backward pass in place of keeping what it computed.
    public var recomputesLayers: Bool
    /// Whether what the layers compute is kept in bfloat16 for the backward pass; the forward pass is that of float32.
    public var packsActivations: Bool

    /// Nothing, where nothing else is said.
    public init(embeddingNoise: Double? = nil, recomputesLayers: Bool = false, packsActivations: Bool = false) {
        (self.embeddingNoise, self.recomputesLayers, self.packsActivations) = (embeddingNoise, recomputesLayers, packsActivations)
    }
}

extension TokenEncoder {
    /// H, the width of the vectors.
    public var width: Int { configuration.hiddenSize }
    /// Number of layers above the embeddings.
    public var layerCount: Int { configuration.hiddenLayerCount }
    /// Number of token ids that it knows.
    public var vocabularySize: Int { configuration.vocabularySize }

    public func training(_ settings: EncoderTraining) -> Self? { settings == EncoderTraining() ? self : nil }

    /// An encoder with parameters of its own, which are equal to those of this one.
    public func copied() -> Self {
        guard let new = configuration.encoder(key: nil) as? Self else {
            refuse("\(configuration.architecture.modelType): its architecture does not make \(Self.self)")
        }
        return new.takingValues(of: self)
    }
}
