import Autodiff

/// Pairs of pairs in the wrong order cost: the loss pushes similarities into the order of the labels.
///
/// `ln(1 + Σ exp(sᵢ − sⱼ))` over all ordered pairs of rows with `yᵢ < yⱼ`, where `sᵢ = scale · sim(aᵢ, bᵢ)`.
/// A sum within one logarithm, not a mean. Equal labels contribute nothing.
///
/// - Inputs: two text columns; labels of any scale, of which only the order counts.
/// - Defaults: scale 20, cosine similarity.
/// - Reference: Su 2022, *CoSENT* (kexue.fm/archives/8847).
/// - Relatives: `CosineSimilarityLoss`, which fits the labels' values.
public struct CoSENTLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .scores, minimumRows: 2)
    public var scale: Double
    public var similarity: PairwiseSimilarity

    public init(scale: Double = 20, similarity: PairwiseSimilarity = .cosine) {
        self.scale = scale
        self.similarity = similarity
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = required(labels, for: embeddings).detached()                           // [B]
        let s = similarity(embeddings[0], embeddings[1]) * scale                       // [B]
        let differences = s.reshaped([-1, 1]) - s.reshaped([1, -1])                    // [B, B]: sᵢ − sⱼ
        let isOrdered = y.reshaped([-1, 1]) .>= y.reshaped([1, -1])
        let counted = differences.filled(with: -.infinity, where: isOrdered).reshaped([-1])
        return Tensor.concatenating([Tensor.zeros([1], dtype: s.dtype), counted]).logSumExp()
    }

    public var configuration: [(key: String, value: String)] {
        [("scale", "\(scale)"), ("similarity_fct", similarity.name)]
    }
}
