import Autodiff
import Layers

/// A network that gives each token of a batch a vector.
public protocol TokenEncoder: Module {
    /// H, the width of the vectors.
    var width: Int { get }
    /// Number of layers above the embeddings.
    var layerCount: Int { get }
    /// The longest sequence that it takes, in tokens.
    var maximumLength: Int { get }
    /// Number of token ids that it knows.
    var vocabularySize: Int { get }

    /// - Returns: `[T, H]` each: the output of the embeddings, then of every layer; the last is the result.
    func hiddenStates(_ batch: TokenBatch, in context: Context) -> [Tensor]
}
