import Autodiff
import Foundation

/// How the embeddings of a batch lie on the sphere, by which a collapse is seen early.
///
/// Alignment and uniformity: Wang and Isola 2020, arXiv:2005.10242.
public struct EmbeddingGeometry: Sendable, Equatable {
    /// Mean squared distance of the first two columns' rows, normalized; nil where there is one column.
    public let alignment: Double?
    /// `ln mean exp(−2 |x − y|²)` over pairs of different rows of the first column; 0 where all are equal, less the better they spread.
    public let uniformity: Double
    /// How many directions the rows of the first column use: `(Σ λ)² / Σ λ²` of the eigenvalues of their covariance, from 1 to D;
    /// 0 where all rows are equal.
    public let effectiveRank: Double
    /// D.
    public let dimension: Int
    /// The number of rows that were looked at.
    public let rowCount: Int

    /// No more rows than this are compared with each other.
    private static let mostRows = 256

    /// - Parameter columns: `[B, D]` each.
    /// - Returns: nil where there are fewer than four rows, of which nothing can be said.
    init?(_ columns: [Tensor]) {
        guard let first = columns.first, first.shape[0] >= 4 else { return nil }
        let rows = 0..<min(first.shape[0], Self.mostRows)
        let unit = columns.prefix(2).map { $0.sliced(rows).cast(to: .float64).normalized() }
        (dimension, rowCount) = (first.shape[1], rows.count)
        alignment = unit.count == 2 ? (unit[0] - unit[1]).square().sum(alongAxis: 1).mean().item : nil
        let cosines = unit[0].matmul(unit[0].transposed())  // [B, B]
        let count = Double(rows.count)
        // |x − y|² = 2 − 2 cos; the B pairs of a row with itself are taken out.
        let sum = (4 * cosines - 4).exp().sum().item - count
        uniformity = log(max(sum, .leastNormalMagnitude) / (count * (count - 1)))
        let centered = unit[0] - unit[0].mean(alongAxis: 0).reshaped([1, dimension])
        let covariance = centered.matmul(centered.transposed())
        let (trace, squares) = (centered.square().sum().item, covariance.square().sum().item)
        effectiveRank = trace < 1e-9 ? 0 : trace * trace / squares
    }

    /// Whether the embeddings have come together in a point or a line.
    public var hasCollapsed: Bool { effectiveRank < 1.5 || uniformity > -0.02 }
}
