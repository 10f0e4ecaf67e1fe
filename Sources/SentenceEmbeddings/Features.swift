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

    /// Those of some of the sequences, one after another.
    func sequences(_ numbers: [Int]) -> Features {
        let rows = Tensor(indices: numbers), tokens = Tensor(indices: numbers.flatMap { batch.offsets[$0] })
        var part = Features(batch.sequences(numbers))
        part.tokenEmbeddings = tokenEmbeddings?.gatheringRows(at: tokens)
        part.hiddenStates = hiddenStates.map { $0.gatheringRows(at: tokens) }
        part.sentenceEmbedding = sentenceEmbedding?.gatheringRows(at: rows)
        part.tokenWeightSums = tokenWeightSums?.gatheringRows(at: rows)
        part.keepsHiddenStates = keepsHiddenStates
        return part
    }

    /// The features of all sequences of a batch from those of groups of them, as far as all groups have them. States of layers, which
    /// groups have of their own, are left out.
    ///
    /// - Parameters:
    ///   - parts: The sequences of each group, by their numbers in the batch, and its features.
    ///   - batch: All sequences.
    init(joining parts: [(numbers: [Int], features: Features)], of batch: TokenBatch) {
        self.init(batch)
        func joined(_ property: KeyPath<Features, Tensor?>, rows: (Int) -> Range<Int>) -> Tensor? {
            let values = parts.compactMap { $0.features[keyPath: property] }
            guard values.count == parts.count, values.allSatisfy({ $0.shape[1] == values[0].shape[1] }) else { return nil }
            // Row r of what is put together belongs at order[r].
            let order = parts.flatMap { $0.numbers.flatMap { Array(rows($0)) } }
            let whole = Tensor.concatenating(values)
            guard !order.elementsEqual(order.indices) else { return whole }
            var inverse = order
            for (row, place) in order.enumerated() { inverse[place] = row }
            return whole.gatheringRows(at: Tensor(indices: inverse))
        }
        sentenceEmbedding = joined(\.sentenceEmbedding) { $0..<$0 + 1 }
        tokenWeightSums = joined(\.tokenWeightSums) { $0..<$0 + 1 }
        tokenEmbeddings = joined(\.tokenEmbeddings) { batch.offsets[$0] }
    }

    /// What modules make of this, one after another.
    func passed(through modules: some Sequence<any EmbeddingModule>, in context: Context) -> Features {
        modules.reduce(self) { $1($0, in: $0.addressed(context)) }
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
