import Autodiff
import Options

/// Each anchor's farthest positive shall be nearer than its nearest negative, by a margin.
///
/// `mean max(0, maxⱼ dᵢⱼ − minₖ dᵢₖ + margin)` over all rows i as anchors, j the other rows of the anchor's class, k those
/// of other classes. An anchor without positive pushes its nearest negative away; one without negative costs the margin,
/// and moves nothing.
///
/// - Inputs: one text column; class labels. Batches should hold several rows of a class: use the GROUP_BY_LABEL sampler.
/// - Reference: Hermans et al. 2017, *In Defense of the Triplet Loss* (arXiv:1703.07737).
/// - Relatives: `BatchHardSoftMarginTripletLoss` without a margin; `BatchSemiHardTripletLoss`, `BatchAllTripletLoss`.
public struct BatchHardTripletLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence"], labels: .classes)
    /// Distance of two rows.
    public var distanceMetric: BatchHardTripletLossDistanceFunction
    /// How much nearer a positive has to be.
    public var margin: Double

    /// A loss with these options.
    public init(distanceMetric: BatchHardTripletLossDistanceFunction = .euclidean, margin: Double = 5) {
        self.distanceMetric = distanceMetric
        self.margin = margin
    }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let classes = BatchClasses(labels, rowCount: embeddings[0].shape[0], loss: name)
        return (classes.hardestGaps(distanceMetric(embeddings[0])) + margin).relu().mean()
    }

    public var summary: String { "Each anchor's farthest positive shall be nearer than its nearest negative, by a margin." }
    public var formula: String { "mean_i max(0, max_j d_ij − min_k d_ik + margin); y_j = y_i ≠ y_k" }
    public var options: [OptionRow<Self>] {
        [.init("distance_metric", \.distanceMetric, "distance of two rows"), .init("margin", \.margin, "the margin")]
    }

    public var citation: String? { hermansCitation }
}
