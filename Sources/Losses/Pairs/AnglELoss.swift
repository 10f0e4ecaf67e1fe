import Autodiff
import Options

/// CoSENT by the angle between sentences as complex vectors, whose slope does not vanish where the cosine's does.
///
/// `ln(1 + Σ exp(sᵢ − sⱼ))` over all ordered pairs of rows with `yᵢ < yⱼ`, where `sᵢ = scale · angle(aᵢ, bᵢ)` by
/// ``PairwiseSimilarity/angle``. With more than two columns, every further one makes further pairs `(aᵢ, nᵢ)` of the
/// label `1 − yᵢ`, all in the same sum.
///
/// - Inputs: two text columns and labels, of which only the order counts; or anchor, positive and negatives, with
///   labels or without: then all are 1.
/// - Reference: Li & Li 2024, *AoE: Angle-optimized Embeddings* (arXiv:2309.12871).
/// - Relatives: `CoSENTLoss`, by the cosine.
public struct AnglELoss: EmbeddingLoss {
    public let inputs = LossInputs(
        columns: ["sentence1", "sentence2"], allowsMoreColumns: true, labels: .optional(.scores))
    /// 1 / temperature.
    public var scale: Double

    /// A loss with this scale.
    public init(scale: Double = 20) { self.scale = scale }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let negatives = embeddings.dropFirst(2)
        let y =
            labels == nil && !negatives.isEmpty
            ? Tensor.ones([embeddings[0].shape[0]], dtype: embeddings[0].dtype) : scalarLabels(labels, for: embeddings)
        let angles = embeddings.dropFirst().map { PairwiseSimilarity.angle(embeddings[0], $0) }  // [B] each
        return pairOrderLoss(
            Tensor.concatenating(angles) * scale, labels: .concatenating([y] + negatives.map { _ in 1 - y }))
    }

    public func check(_ setting: LossSetting) throws {
        guard setting.textColumns.count == 2 else { return }
        try LossInputs(columns: inputs.columns, labels: .scores).check(loss: name, setting)
    }

    public var summary: String { "Pushes the angles of pairs, as complex vectors, into the order of their scores." }
    public var formula: String { "ln(1 + Σ_{y_i < y_j} exp(scale · (angle_i − angle_j)))" }
    public var options: [OptionRow<Self>] { [.init("scale", \.scale, "1 / temperature")] }
    public var configuration: [(key: String, value: String)] { optionValues + [("similarity_fct", PairwiseSimilarity.angle.name)] }

    public var citation: String? {
        """
        @inproceedings{li-li-2024-aoe,
            title = {{A}o{E}: Angle-optimized Embeddings for Semantic Textual Similarity},
            author = {Li, Xianming and Li, Jing},
            year = {2024},
            publisher = {Association for Computational Linguistics},
            url = {https://aclanthology.org/2024.acl-long.101/},
            doi = {10.18653/v1/2024.acl-long.101}
        }
        """
    }
}

extension PairwiseSimilarity {
    /// How near the angle between rows is to 0 or π, with each row taken for a complex vector: its first half the real
    /// parts, its second half the imaginary ones. From 0 to √2, not symmetric; 1 for opposite vectors.
    public static let angle = PairwiseSimilarity("pairwise_angle_sim") { a, b in
        let (u, v) = (a.normalized().evenWidth, b.normalized().evenWidth)
        let half = u.shape[1] / 2
        let (u1, u2) = (u.sliced(0..<half, alongAxis: 1), u.sliced(half..<2 * half, alongAxis: 1))
        let (v1, v2) = (v.sliced(0..<half, alongAxis: 1), v.sliced(half..<2 * half, alongAxis: 1))
        return (pairwiseDotProduct(u, v) + pairwiseDotProduct(u2, v1) - pairwiseDotProduct(u1, v2)).abs()
    }
}

extension Tensor {
    /// With a column of zeros after the last where the number of columns is odd.
    fileprivate var evenWidth: Tensor {
        shape[1] % 2 == 0 ? self : .concatenating([self, .zeros([shape[0], 1], dtype: dtype)], alongAxis: 1)
    }
}
