import Autodiff

/// Makes the cosine similarity of two sentences equal to their label.
///
/// `mean (cos(aᵢ, bᵢ) − yᵢ)²`; each row's length counts as at least 1e-8.
///
/// - Inputs: two text columns; labels between −1 and 1.
/// - Reference: Reimers & Gurevych 2019, *Sentence-BERT* (arXiv:1908.10084).
/// - Relatives: `CoSENTLoss`, which asks for the order of the labels only.
public struct CosineSimilarityLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .scoresWithin(-1...1))

    /// The loss; it has no options.
    public init() {}

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = scalarLabels(labels, for: embeddings)  // [B]
        let cosines = pairwiseCosineSimilarity(embeddings[0], embeddings[1], epsilon: 1e-8)  // [B]
        return (cosines - y).square().mean()
    }

    public var summary: String { "Makes the cosine similarity of two sentences equal to their score." }
    public var formula: String { "mean_i (cos(a_i, b_i) − y_i)²" }
    public var citation: String? { Citations.sentenceBERT }
    public var laws: [LossLaw] { PairwiseSimilarity.cosine.laws + [.symmetric([0, 1]), .meanOfRows] }
}
