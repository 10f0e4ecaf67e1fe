import Autodiff
import Options

/// Contrastive loss of the hard pairs of a batch only: similar ones that are far, dissimilar ones that are near.
///
/// `Σ dᵢ²` over the similar pairs with `dᵢ > t⁺`, plus `Σ max(0, margin − dᵢ)²` over the dissimilar ones with `dᵢ < t⁻`.
/// `t⁺` is the least distance of the dissimilar, `t⁻` the largest of the similar; where a batch has no such pair, the
/// mean of the other kind. A sum, not a mean; zero for a batch that is separated.
///
/// - Inputs: two text columns; labels 1 for similar, 0 for dissimilar.
/// - Reference: Hadsell et al. 2006 (doi:10.1109/CVPR.2006.100), for the loss of a pair.
/// - Relatives: `ContrastiveLoss`, which takes all pairs.
public struct OnlineContrastiveLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .scoresWithin(0...1))
    /// Distance of a pair.
    public var distanceMetric: SiameseDistanceMetric
    /// The least distance of dissimilar pairs.
    public var margin: Double

    /// A loss with these options.
    public init(distanceMetric: SiameseDistanceMetric = .cosine, margin: Double = 0.5) {
        self.distanceMetric = distanceMetric
        self.margin = margin
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = scalarLabels(labels, for: embeddings)  // [B]
        let d = distanceMetric(embeddings[0], embeddings[1])  // [B]
        let (isSimilar, isDissimilar) = (y .== 1, y .== 0)
        let similar = zip(d.values, y.values).filter { $0.1 == 1 }.map(\.0)
        let dissimilar = zip(d.values, y.values).filter { $0.1 == 0 }.map(\.0)
        let farthest = similar.max() ?? dissimilar.mean, nearest = dissimilar.min() ?? similar.mean
        let far = d.square().filled(with: 0, where: !(isSimilar & (d.detached() .> nearest)))
        let near = (margin - d).relu().square().filled(with: 0, where: !(isDissimilar & (d.detached() .< farthest)))
        return far.sum() + near.sum()
    }

    public func check(_ setting: LossSetting) throws {
        guard let labels = setting.labels, !labels.areIntegers else { return }
        throw LossInputError("\(name) takes the labels 0 and 1, but column \(labels.name) holds numbers with fractions")
    }

    public var summary: String { "Contrastive loss of the hard pairs only: similar ones that are far, dissimilar ones that are near." }
    public var formula: String { "Σ_{y_i = 1, d_i > min d⁻} d_i² + Σ_{y_i = 0, d_i < max d⁺} max(0, margin − d_i)²" }
    public var options: [OptionRow<Self>] {
        [
            .init("distance_metric", \.distanceMetric, "distance of a pair"),
            .init("margin", \.margin, "least distance of dissimilar pairs"),
        ]
    }

    public var citation: String? { hadsellCitation }
}

extension [Double] {
    /// NaN, with which nothing compares, if there is none.
    fileprivate var mean: Double { reduce(0, +) / Double(count) }
}
