import Autodiff
import Options

/// An anchor shall be nearer to its positive than to its negative, by a margin.
///
/// `mean max(0, d(aᵢ, pᵢ) − d(aᵢ, nᵢ) + margin)` over all rows, satisfied ones included.
///
/// - Inputs: three text columns: anchor, positive, negative.
/// - Reference: Schroff et al. 2015, *FaceNet* (arXiv:1503.03832).
/// - Relatives: `MultipleNegativesRankingLoss`, which takes all other rows for negatives.
public struct TripletLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["anchor", "positive", "negative"])
    /// Distance of two rows.
    public var distanceMetric: TripletDistanceMetric
    /// How much nearer the positive has to be.
    public var margin: Double

    /// A loss with these options.
    public init(distanceMetric: TripletDistanceMetric = .euclidean, margin: Double = 5) {
        self.distanceMetric = distanceMetric
        self.margin = margin
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let toPositive = distanceMetric(embeddings[0], embeddings[1])  // [B]
        let toNegative = distanceMetric(embeddings[0], embeddings[2])  // [B]
        return (toPositive - toNegative + margin).relu().mean()
    }

    public var laws: [LossLaw] { distanceMetric.laws + [.meanOfRows] }

    public var summary: String { "An anchor shall be nearer to its positive than to its negative, by a margin." }
    public var formula: String { "mean_i max(0, d(a_i, p_i) − d(a_i, n_i) + margin)" }
    public var options: [OptionRow<Self>] {
        [.init("distance_metric", \.distanceMetric, "distance of two rows"), .init("triplet_margin", \.margin, "the margin")]
    }

    public var citation: String? { hermansCitation }
}
