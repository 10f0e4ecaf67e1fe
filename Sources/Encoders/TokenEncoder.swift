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
}

extension TokenEncoder {
    /// H, the width of the vectors.
    public var width: Int { configuration.hiddenSize }
    /// Number of layers above the embeddings.
    public var layerCount: Int { configuration.hiddenLayerCount }
    /// Number of token ids that it knows.
    public var vocabularySize: Int { configuration.vocabularySize }

    /// An encoder with parameters of its own, which are equal to those of this one.
    public func copied() -> Self {
        guard let new = configuration.encoder(key: nil) as? Self else {
            refuse("\(configuration.architecture.modelType): its architecture does not make \(Self.self)")
        }
        return new.takingValues(of: self)
    }
}
