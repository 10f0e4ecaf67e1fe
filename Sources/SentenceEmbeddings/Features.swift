import Autodiff
import Encoders
import Layers
import Requirements

/// What the modules of a pipeline hand on: the tokens, and what has been computed of them so far.
public struct Features: Sendable {
    /// The tokens.
    public let batch: TokenBatch
    /// `[T, H]`.
    public var tokenEmbeddings: Tensor?
    /// `[B, D]`.
    public var sentenceEmbedding: Tensor?
    /// `[T, H]` each: the embeddings' output, then every layer's.
    public var hiddenStates: [Tensor] = []
    /// Whether inference keeps the states of all layers for a module behind the transformer.
    var keepsHiddenStates = false
    /// `[B, 1]`: what a mean divides by where tokens have been weighed; nil: their number.
    public var tokenWeightSums: Tensor?

    /// Tokens of which nothing is computed yet.
    public init(_ batch: TokenBatch) { self.batch = batch }

    /// The context of the next module: rows stand for sequences once there is an embedding of each, for tokens before.
    /// So every random draw goes by its sample, behind the pooling too.
    func addressed(_ context: Context) -> Context {
        guard context.mode == .training else { return context }
        return context.addressing(sentenceEmbedding == nil ? batch.tokenAddresses : batch.sequenceAddresses)
    }

    /// The token embeddings; traps where no module has made any.
    public var requiredTokenEmbeddings: Tensor {
        guard let tokenEmbeddings else { refuse("no module of this model makes token embeddings") }
        return tokenEmbeddings
    }

    /// The sentence embedding; traps where no module has made one.
    public var requiredSentenceEmbedding: Tensor {
        guard let sentenceEmbedding else { refuse("no module of this model makes a sentence embedding") }
        return sentenceEmbedding
    }
}
