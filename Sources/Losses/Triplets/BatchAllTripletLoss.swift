import Autodiff
import Options

/// Every positive shall be nearer than every negative, by a margin.
///
/// The mean of `dᵢⱼ − dᵢₖ + margin` over the triplets for which it is positive, of all (i, j, k) with i and j two rows of
/// one class and k a row of another. Zero where no triplet is left.
///
/// A triplet counts or does not, so the sum is one of distances times numbers of triplets, found by sorting: memory
/// grows with the square of the batch, not with its cube.
///
/// - Inputs: one text column; class labels. Batches should hold several rows of a class: use the GROUP_BY_LABEL sampler.
/// - Reference: Hermans et al. 2017, *In Defense of the Triplet Loss* (arXiv:1703.07737).
/// - Relatives: `BatchHardTripletLoss`, `BatchSemiHardTripletLoss`.
public struct BatchAllTripletLoss: EmbeddingLoss {
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
        let d = distanceMetric(embeddings[0])  // [B, B]
        let (weights, active) = activeTriplets(d.values, classes)
        // In double precision: the sum is small beside its terms.
        let sum = (d.cast(to: .float64) * Tensor(weights, shape: d.shape, dtype: .float64)).sum() + margin * Double(active)
        return (sum / Double(max(1, active))).cast(to: d.dtype)
    }

    /// For each distance the triplets that add it less those that subtract it, and the number of all.
    private func activeTriplets(_ d: [Double], _ classes: BatchClasses) -> (weights: [Double], count: Int) {
        var weights = [Double](repeating: 0, count: d.count)
        var count = 0
        for i in 0..<classes.rowCount {
            let row = i * classes.rowCount
            let (positives, negatives) = classes.neighbors(of: i, d)
            // Of the negatives, from the nearest on, those that are near enough to j; so many j reach just that far.
            var reaching = [Int](repeating: 0, count: negatives.count + 1)
            for j in positives {
                let reach = negatives.prefixCount { d[row + j] - d[row + $0] + margin > 1e-16 }
                weights[row + j] = Double(reach)
                reaching[reach] += 1
                count += reach
            }
            var subtracting = 0
            for (place, k) in negatives.enumerated().reversed() {
                subtracting += reaching[place + 1]
                weights[row + k] = -Double(subtracting)
            }
        }
        return (weights, count)
    }

    public var summary: String { "Every positive of a batch shall be nearer than every negative, by a margin." }
    public var formula: String { "mean of (d_ij − d_ik + margin) over the triplets where it is positive; y_j = y_i ≠ y_k" }
    public var options: [OptionRow<Self>] {
        [.init("distance_metric", \.distanceMetric, "distance of two rows"), .init("margin", \.margin, "the margin")]
    }

    public var citation: String? { hermansCitation }
}
