import Foundation
import TapestryCommands

/// Positives close together, everything spread over the sphere (Wang & Isola 2020, arXiv:2005.10242):
/// `mean_i |a_i − p_i|² + weight · ln mean_{i ≠ j} exp(−2 |x_i − x_j|²)`, the second one for both columns.
struct AlignmentUniformityLoss: Loss {
    let inputs = LossInputs(columns: ["anchor", "positive"], minimumRows: 2)
    var weight = 1.0
    var options: [OptionRow<Self>] { [.init("weight", \.weight, "weight of the uniformity", .atLeast(0))] }

    func callAsFunction(_ batch: LossBatch) -> LossValue {
        let (x, n) = (batch.embeddings.map { $0.normalized() }, batch.rowCount)  // [B, D] each
        let uniformity = x.map { x in
            (4 * dotProduct(x, x) - 4).filled(with: -.infinity, where: .identityMask(n)).reshaped([1, n * n]).logSumExp().sum()
        }
        return LossValue(components: [
            ("alignment", (x[0] - x[1]).square().sum(alongAxis: 1).mean()),
            ("uniformity", weight * ((uniformity[0] + uniformity[1]) / 2 - log(Double(n * (n - 1))))),
        ])
    }
}

LossCatalog.register(AlignmentUniformityLoss())
TapestryCommand.main()
