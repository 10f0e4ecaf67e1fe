import Autodiff
import Options

/// A distance of all rows of a batch from each other, by which the batch-wise triplet losses choose: `[B, D] → [B, B]`.
public struct BatchHardTripletLossDistanceFunction: OptionChoice {
    public let name: String
    private let function: @Sendable (Tensor) -> Tensor

    /// A distance of your own, `[B, D] → [B, B]`, under a name.
    public init(_ name: String, _ function: @escaping @Sendable (Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    /// The distance of all rows from all: `[B, B]` for `[B, D]`.
    public func callAsFunction(_ rows: Tensor) -> Tensor { function(rows) }

    /// From the differences themselves, so that near rows lose no digits; gradient zero at distance zero.
    public static let euclidean = BatchHardTripletLossDistanceFunction("euclidean_distance") { euclideanDistance($0, $0) }
    /// 1 − cosine.
    public static let cosine = BatchHardTripletLossDistanceFunction("cosine_distance") { 1 - cosineSimilarity($0, $0) }

    public static let all = [euclidean, cosine]
}
