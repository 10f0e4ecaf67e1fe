import Autodiff
import Options

/// Each positive shall be nearer than the next negative beyond it, by a margin.
///
/// `mean max(0, dᵢⱼ − dᵢₖ + margin)` over all ordered pairs (i, j) of one class, where k is the nearest row of another
/// class that is farther from i than j is; where none is, the farthest of another class. Zero for a batch without pairs;
/// without negatives `dᵢₖ` is 0, which pulls everything together.
///
/// - Inputs: one text column; class labels. Batches should hold several rows of a class: use the GROUP_BY_LABEL sampler.
/// - Reference: Schroff et al. 2015, *FaceNet* (arXiv:1503.03832); Hermans et al. 2017 (arXiv:1703.07737).
/// - Relatives: `BatchHardTripletLoss`, `BatchAllTripletLoss`.
public struct BatchSemiHardTripletLoss: EmbeddingLoss {
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
        let rows = embeddings[0].shape[0]
        let classes = BatchClasses(labels, rowCount: rows, loss: name)
        let d = distanceMetric(embeddings[0]).reshaped([rows * rows])  // [B · B]
        let values = d.values
        var (toPositive, toNegative) = ([Int](), [Int]())  // places of dᵢⱼ and dᵢₖ
        for i in 0..<rows {
            let (positives, negatives) = classes.neighbors(of: i, values)
            for j in positives {
                let place = i * rows + j
                let nearer = negatives.prefixCount { values[i * rows + $0] <= values[place] }
                // Without any negative, the distance from itself.
                let k = nearer < negatives.count ? negatives[nearer] : negatives.last ?? i
                toPositive.append(place)
                toNegative.append(i * rows + k)
            }
        }
        if toPositive.isEmpty { return (d * 0).sum() }
        return (d.taking(toPositive) - d.taking(toNegative) + margin).relu().mean()
    }

    public var summary: String { "Each positive shall be nearer than the next negative beyond it, by a margin." }
    public var formula: String { "mean_ij max(0, d_ij − d_ik + margin); k: the nearest negative with d_ik > d_ij, or else the farthest" }
    public var options: [OptionRow<Self>] {
        [.init("distance_metric", \.distanceMetric, "distance of two rows"), .init("margin", \.margin, "the margin")]
    }

    public var citation: String? { hermansCitation }
}
