import Autodiff
import Options

/// Each anchor's farthest positive shall be nearer than its nearest negative, the more the better.
///
/// `mean ln(1 + exp(maxⱼ dᵢⱼ − minₖ dᵢₖ))` over all rows i as anchors, j the other rows of the anchor's class, k those of
/// other classes. An anchor without positive pushes its nearest negative away; one without negative costs ln 2, and moves
/// nothing.
///
/// - Inputs: one text column; class labels. Batches should hold several rows of a class: use the GROUP_BY_LABEL sampler.
/// - Reference: Hermans et al. 2017, *In Defense of the Triplet Loss* (arXiv:1703.07737).
/// - Relatives: `BatchHardTripletLoss`, with a margin.
public struct BatchHardSoftMarginTripletLoss: EmbeddingLoss {
    public let inputs = LossInputs(columns: ["sentence"], labels: .classes)
    /// Distance of two rows.
    public var distanceMetric: BatchHardTripletLossDistanceFunction

    /// A loss with this distance.
    public init(distanceMetric: BatchHardTripletLossDistanceFunction = .euclidean) { self.distanceMetric = distanceMetric }

    public func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
        let classes = BatchClasses(labels, rowCount: embeddings[0].shape[0], loss: name)
        return classes.hardestGaps(distanceMetric(embeddings[0])).softplus().mean()
    }

    public var summary: String { "Each anchor's farthest positive shall be nearer than its nearest negative." }
    public var formula: String { "mean_i ln(1 + exp(max_j d_ij − min_k d_ik)); y_j = y_i ≠ y_k" }
    public var options: [OptionRow<Self>] {
        [.init("distance_metric", \.distanceMetric, "distance of two rows")]
    }
    public var citation: String? { hermansCitation }
}
