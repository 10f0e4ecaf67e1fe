import Autodiff
import Options

/// Similar sentences shall be near, dissimilar ones at least a margin apart.
///
/// The mean of `½ (yᵢ dᵢ² + (1 − yᵢ) max(0, margin − dᵢ)²)`, or the sum, where `dᵢ` is the distance of pair i.
///
/// - Inputs: two text columns; labels 1 for similar, 0 for dissimilar, or a weight between.
/// - Reference: Hadsell et al. 2006, *Dimensionality Reduction by Learning an Invariant Mapping* (doi:10.1109/CVPR.2006.100).
/// - Relatives: `OnlineContrastiveLoss`, which takes the hard pairs only.
public struct ContrastiveLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence1", "sentence2"], labels: .scoresWithin(0...1))
    /// Distance of a pair.
    public var distanceMetric: SiameseDistanceMetric
    /// The least distance of dissimilar pairs.
    public var margin: Double
    /// Whether the loss is the mean over the rows; otherwise their sum.
    public var averages: Bool

    /// A loss with these options.
    public init(distanceMetric: SiameseDistanceMetric = .cosine, margin: Double = 0.5, averages: Bool = true) {
        self.distanceMetric = distanceMetric
        self.margin = margin
        self.averages = averages
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let y = scalarLabels(labels, for: embeddings)  // [B]
        let d = distanceMetric(embeddings[0], embeddings[1])  // [B]
        let losses = 0.5 * (y * d.square() + (1 - y) * (margin - d).relu().square())
        return averages ? losses.mean() : losses.sum()
    }

    public var summary: String { "Similar pairs shall be near, dissimilar ones at least a margin apart." }
    public var formula: String { "mean_i ½ (y_i d_i² + (1 − y_i) max(0, margin − d_i)²)" }
    public var options: [OptionRow<Self>] {
        [
            .init("distance_metric", \.distanceMetric, "distance of a pair"),
            .init("margin", \.margin, "least distance of dissimilar pairs"),
            .init("size_average", \.averages, "the mean over the rows; false: their sum"),
        ]
    }

    public var citation: String? { hadsellCitation }
}

let hadsellCitation = """
    @inproceedings{hadsell2006dimensionality,
        author = {Hadsell, R. and Chopra, S. and LeCun, Y.},
        booktitle = {2006 IEEE Computer Society Conference on Computer Vision and Pattern Recognition (CVPR'06)},
        title = {Dimensionality Reduction by Learning an Invariant Mapping},
        year = {2006},
        volume = {2},
        pages = {1735--1742},
        doi = {10.1109/CVPR.2006.100}
    }
    """
