import Autodiff

/// What a loss is a function of.
public struct LossBatch: Sendable {
    /// `[B, D]` for each text column, in the dataset's order.
    public var embeddings: [Tensor]
    /// `[B]`; `[B, K]` or `[B, C, K]` where the rows' labels are lists.
    public var labels: Tensor?
    /// What `Loss.sideInputs(for:)` made of the texts: constants.
    public var sides: SideInputs
    /// The embeddings of every layer, for losses that ask for them: those of the embedding layer first, `embeddings`
    /// last; each one tensor a column.
    public var layers: [[Tensor]]
    /// By which the loss draws at random; none, as in evaluation: it takes everything instead of a sample.
    public var key: RandomKey?

    /// A batch of embeddings, one tensor `[B, D]` for each text column.
    public init(
        _ embeddings: [Tensor], labels: Tensor? = nil, sides: SideInputs = [], layers: [[Tensor]] = [], key: RandomKey? = nil
    ) {
        self.embeddings = embeddings
        self.labels = labels
        self.sides = sides
        self.layers = layers
        self.key = key
    }

    /// B.
    public var rowCount: Int { embeddings[0].shape[0] }

    /// The same batch with other embeddings.
    public func replacing(embeddings: [Tensor]) -> LossBatch {
        var copy = self
        copy.embeddings = embeddings
        return copy
    }
}
