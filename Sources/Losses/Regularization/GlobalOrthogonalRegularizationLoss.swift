import Autodiff
import Options

/// Embeddings of different texts shall be spread out over all directions.
///
/// For each column, over its pairs of different rows: `gor_mean` is the square of their mean similarity, `gor_second_moment`
/// how far the mean of their squared similarities is above `1/D`, that of directions drawn at random. Then the mean, or the
/// sum, over the columns. A weight of 0 leaves its component out.
///
/// - Inputs: one or more text columns; no labels.
/// - Reference: Zhang et al. 2017 (arXiv:1708.06320).
/// - Relatives: it goes beside a ranking loss: `MultipleNegativesRankingLoss() + 0.1 * GlobalOrthogonalRegularizationLoss()`.
public struct GlobalOrthogonalRegularizationLoss: Loss {
    /// How the columns' losses become one.
    public enum Aggregation: String, CaseIterable, OptionChoice {
        /// Their mean, or their sum.
        case mean, sum
    }

    public let inputs = LossInputs(columns: ["text"], allowsMoreColumns: true)
    /// Similarity of all rows with all.
    public var similarity: SimilarityMatrix
    /// Weight of the mean; 0: none.
    public var meanWeight: Double
    /// Weight of the second moment; 0: none.
    public var secondMomentWeight: Double
    /// How the columns' losses become one.
    public var aggregation: Aggregation
    /// Most similarities that are in memory at once; the result does not depend on it.
    public var elementsPerBlock = BlockSize.defaultElements

    /// A loss with these options.
    public init(
        similarity: SimilarityMatrix = .cosine, meanWeight: Double = 1, secondMomentWeight: Double = 1,
        aggregation: Aggregation = .mean
    ) {
        (self.similarity, self.aggregation) = (similarity, aggregation)
        (self.meanWeight, self.secondMomentWeight) = (meanWeight, secondMomentWeight)
        requireOptions()
    }

    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        requireColumns(batch.embeddings)
        let width = Double(batch.embeddings[0].shape[1])
        let columns = batch.embeddings.map(similarity.prepare)  // [B, D] each
        var components: [(name: String, value: Tensor)] = []
        if meanWeight != 0 {
            let terms = columns.map { meanOverPairs(of: $0) { $0 }.square() }
            components.append(("gor_mean", aggregate(terms) * meanWeight))
        }
        if secondMomentWeight != 0 {
            let terms = columns.map { (meanOverPairs(of: $0) { $0.square() } - 1 / width).relu() }
            components.append(("gor_second_moment", aggregate(terms) * secondMomentWeight))
        }
        return LossValue(components: components)
    }

    /// The mean of a function of the similarities of all pairs of different rows.
    private func meanOverPairs(of x: Tensor, _ function: @escaping (Tensor) -> Tensor) -> Tensor {
        let rows = x.shape[0]
        let sum = blockwiseSum([x], with: [x], blockSize: BlockSize.rows(width: rows, elementsPerBlock)) { range, own, all in
            let similarities = similarity.ofPrepared(own[0], all[0])  // [b, B]
            return function(similarities.filled(with: 0, where: .mask(rows: range, columns: rows) { $0 == $1 })).sum()
        }
        return sum / Double(max(1, rows * (rows - 1)))
    }

    private func aggregate(_ terms: [Tensor]) -> Tensor {
        aggregation == .mean ? Tensor.stacking(terms).mean() : Tensor.stacking(terms).sum()
    }

    public var summary: String { "Embeddings of different texts shall be spread out over all directions." }
    public var formula: String {
        "mean_c ( w_mean · M₁² + w_second · max(0, M₂ − 1/D) ), M₁ and M₂ the means of sim and sim² over pairs of rows"
    }
    public var options: [OptionRow<Self>] {
        [
            .init("similarity_fct", \.similarity, "similarity of all rows with all"),
            .init("mean_weight", \.meanWeight, "weight of the mean; 0: none")
                .where("other than 0 where second_moment_weight is 0") { $0.meanWeight != 0 || $0.secondMomentWeight != 0 },
            .init("second_moment_weight", \.secondMomentWeight, "weight of the second moment; 0: none"),
            .init("aggregation", \.aggregation, "over the columns"),
        ]
    }

    public var citation: String? {
        Citations.arXiv(
            "zhang2017learningspreadoutlocalfeature", title: "Learning Spread-out Local Feature Descriptors",
            author: "Xu Zhang and Felix X. Yu and Sanjiv Kumar and Shih-Fu Chang", year: 2017, eprint: "1708.06320")
    }
}
