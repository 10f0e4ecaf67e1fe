import Autodiff
import Options

/// A similarity of rows of equal number: `([B, D], [B, D]) → [B]`. Larger is closer.
public struct PairwiseSimilarity: OptionChoice {
    public let name: String
    /// What may be done to all embeddings without changing it.
    public let laws: [LossLaw]
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// A similarity of your own, `([B, D], [B, D]) → [B]`, under a name.
    public init(_ name: String, laws: [LossLaw] = [], _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
        self.name = name
        self.laws = laws
        self.function = function
    }

    /// `[B]` for `[B, D]` twice.
    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    /// The cosine.
    public static let cosine = PairwiseSimilarity("pairwise_cos_sim", laws: .ofCosine) { pairwiseCosineSimilarity($0, $1) }
    /// The scalar product.
    public static let dot = PairwiseSimilarity("pairwise_dot_score", laws: .ofDot) { pairwiseDotProduct($0, $1) }
    /// Minus the Euclidean distance.
    public static let euclidean = PairwiseSimilarity("pairwise_euclidean_sim", laws: .ofEuclidean) { -pairwiseEuclideanDistance($0, $1) }
    /// Minus the sum of absolute differences.
    public static let manhattan = PairwiseSimilarity("pairwise_manhattan_sim", laws: .ofManhattan) { -pairwiseManhattanDistance($0, $1) }

    public static let all = [cosine, dot, euclidean, manhattan, angle]
}

/// A similarity of all rows with all: `([M, D], [N, D]) → [M, N]`. Larger is closer.
public struct SimilarityMatrix: OptionChoice {
    public let name: String
    /// What may be done to all embeddings without changing it.
    public let laws: [LossLaw]
    private let preparation: @Sendable (Tensor) -> Tensor
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// - Parameters:
    ///   - name: What files and reports call it.
    ///   - laws: What may be done to all embeddings without changing it.
    ///   - preparation: What is done to each row alone, such as dividing it by its length. It is done once where the
    ///     matrix is computed in blocks.
    ///   - function: Gets prepared rows.
    public init(
        _ name: String, laws: [LossLaw] = [], preparation: @escaping @Sendable (Tensor) -> Tensor = { $0 },
        _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) {
        self.name = name
        self.laws = laws
        self.preparation = preparation
        self.function = function
    }

    /// `[M, N]` for `[M, D]` and `[N, D]`.
    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { ofPrepared(prepare(a), prepare(b)) }

    /// What is done to each row before it is compared, such as dividing it by its length: `[M, D]`.
    public func prepare(_ rows: Tensor) -> Tensor { preparation(rows) }
    /// `[M, N]` for rows that are prepared.
    public func ofPrepared(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    /// The cosine.
    public static let cosine = SimilarityMatrix("cos_sim", laws: .ofCosine, preparation: { $0.normalized() }) { dotProduct($0, $1) }
    /// The scalar product.
    public static let dot = SimilarityMatrix("dot_score", laws: .ofDot) { dotProduct($0, $1) }
    /// Minus the Euclidean distance.
    public static let euclidean = SimilarityMatrix("euclidean_sim", laws: .ofEuclidean) { -euclideanDistance($0, $1) }
    /// Minus the sum of absolute differences.
    public static let manhattan = SimilarityMatrix("manhattan_sim", laws: .ofManhattan) { -manhattanDistance($0, $1) }

    public static let all = [cosine, dot, euclidean, manhattan]
}

/// A distance of rows of equal number: `([B, D], [B, D]) → [B]`. Smaller is closer.
public struct TripletDistanceMetric: OptionChoice {
    public let name: String
    /// What may be done to all embeddings without changing it.
    public let laws: [LossLaw]
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// A distance of your own, `([B, D], [B, D]) → [B]`, under a name.
    public init(_ name: String, laws: [LossLaw] = [], _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
        self.name = name
        self.laws = laws
        self.function = function
    }

    /// `[B]` for `[B, D]` twice.
    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    /// 1 − cosine.
    public static let cosine = TripletDistanceMetric("COSINE", laws: .ofCosine) { 1 - pairwiseCosineSimilarity($0, $1) }
    /// The Euclidean distance.
    public static let euclidean = TripletDistanceMetric("EUCLIDEAN", laws: .ofEuclidean) { pairwiseEuclideanDistance($0, $1) }
    /// The sum of absolute differences.
    public static let manhattan = TripletDistanceMetric("MANHATTAN", laws: .ofManhattan) { pairwiseManhattanDistance($0, $1) }

    public static let all = [cosine, euclidean, manhattan]
}

extension [LossLaw] {
    static let ofCosine: [LossLaw] = [.scaleInvariant, .signInvariant, .rotationInvariant]
    static let ofDot: [LossLaw] = [.signInvariant, .rotationInvariant]
    static let ofEuclidean: [LossLaw] = [.signInvariant, .rotationInvariant, .translationInvariant]
    static let ofManhattan: [LossLaw] = [.signInvariant, .translationInvariant]
}
