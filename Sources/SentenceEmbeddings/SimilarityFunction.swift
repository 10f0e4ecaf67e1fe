import Autodiff

/// How alike two embeddings are; larger is closer, so distances count negative.
public enum SimilarityFunction: String, Sendable, CaseIterable {
    /// The cosine, the scalar product, and minus the two distances.
    case cosine, dot, euclidean, manhattan

    /// Every row of `a` with every row of `b`: `[M, N]`.
    public func matrix(_ a: Tensor, _ b: Tensor) -> Tensor {
        switch self {
        case .cosine: cosineSimilarity(a, b)
        case .dot: dotProduct(a, b)
        case .euclidean: -euclideanDistance(a, b)
        case .manhattan: -manhattanDistance(a, b)
        }
    }

    /// Rows of equal number: `[B]`.
    public func pairwise(_ a: Tensor, _ b: Tensor) -> Tensor {
        switch self {
        case .cosine: pairwiseCosineSimilarity(a, b)
        case .dot: pairwiseDotProduct(a, b)
        case .euclidean: -pairwiseEuclideanDistance(a, b)
        case .manhattan: -pairwiseManhattanDistance(a, b)
        }
    }
}
