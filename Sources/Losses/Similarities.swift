import Autodiff

/// A similarity of rows of equal number: `([B, D], [B, D]) → [B]`. Larger is closer.
public struct PairwiseSimilarity: Sendable {
    public let name: String
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    public init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    public static let cosine = PairwiseSimilarity("pairwise_cos_sim") { pairwiseCosineSimilarity($0, $1) }
    public static let dot = PairwiseSimilarity("pairwise_dot_score") { pairwiseDotProduct($0, $1) }
    public static let euclidean = PairwiseSimilarity("pairwise_euclidean_sim") { -pairwiseEuclideanDistance($0, $1) }
    public static let manhattan = PairwiseSimilarity("pairwise_manhattan_sim") { -pairwiseManhattanDistance($0, $1) }

    public static let all = [cosine, dot, euclidean, manhattan, angle]
}

/// A similarity of all rows with all: `([M, D], [N, D]) → [M, N]`. Larger is closer.
public struct SimilarityMatrix: Sendable {
    public let name: String
    private let preparation: @Sendable (Tensor) -> Tensor
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    /// - Parameters:
    ///   - preparation: What is done to each row alone, such as dividing it by its length. It is done once where the
    ///     matrix is computed in blocks.
    ///   - function: Gets prepared rows.
    public init(
        _ name: String, preparation: @escaping @Sendable (Tensor) -> Tensor = { $0 },
        _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor
    ) {
        self.name = name
        self.preparation = preparation
        self.function = function
    }

    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { ofPrepared(prepare(a), prepare(b)) }

    public func prepare(_ rows: Tensor) -> Tensor { preparation(rows) }
    public func ofPrepared(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    public static let cosine = SimilarityMatrix("cos_sim", preparation: { $0.normalized() }) { dotProduct($0, $1) }
    public static let dot = SimilarityMatrix("dot_score") { dotProduct($0, $1) }
    public static let euclidean = SimilarityMatrix("euclidean_sim") { -euclideanDistance($0, $1) }
    public static let manhattan = SimilarityMatrix("manhattan_sim") { -manhattanDistance($0, $1) }

    public static let all = [cosine, dot, euclidean, manhattan]
}

/// A distance of rows of equal number: `([B, D], [B, D]) → [B]`. Smaller is closer.
public struct TripletDistanceMetric: Sendable {
    public let name: String
    private let function: @Sendable (Tensor, Tensor) -> Tensor

    public init(_ name: String, _ function: @escaping @Sendable (Tensor, Tensor) -> Tensor) {
        self.name = name
        self.function = function
    }

    public func callAsFunction(_ a: Tensor, _ b: Tensor) -> Tensor { function(a, b) }

    /// 1 − cosine.
    public static let cosine = TripletDistanceMetric("COSINE") { 1 - pairwiseCosineSimilarity($0, $1) }
    public static let euclidean = TripletDistanceMetric("EUCLIDEAN") { pairwiseEuclideanDistance($0, $1) }
    public static let manhattan = TripletDistanceMetric("MANHATTAN") { pairwiseManhattanDistance($0, $1) }

    public static let all = [cosine, euclidean, manhattan]
}
