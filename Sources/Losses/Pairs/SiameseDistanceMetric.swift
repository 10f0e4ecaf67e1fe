import Autodiff
import Options

/// A distance of rows of equal number that pair losses compare with a margin: `([B, D], [B, D]) → [B]`.
///
/// The named ones differ from those of ``TripletDistanceMetric`` as the reference's do: the cosine's lengths count as at
/// least 1e-8, and 1e-6 is added to every difference of coordinates.
public struct SiameseDistanceMetric: OptionChoice {
    public let name: String
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// A distance of your own, `([B, D], [B, D]) → [B]`, under a name.
    public init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    /// `[B]` for `[B, D]` twice.
    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    /// 1 − cosine.
    public static let cosine = SiameseDistanceMetric("COSINE_DISTANCE") { 1 - pairwiseCosineSimilarity($0, $1, epsilon: 1e-8) }
    /// The Euclidean distance; 1e-6 is added to each difference, as PyTorch does.
    public static let euclidean = SiameseDistanceMetric("EUCLIDEAN") { ($0 - $1 + 1e-6).norm() }
    /// The sum of absolute differences, with the same 1e-6.
    public static let manhattan = SiameseDistanceMetric("MANHATTAN") { ($0 - $1 + 1e-6).l1Norm() }

    public static let all = [cosine, euclidean, manhattan]
}
