import Autodiff

/// How central each row is among rows that resemble each other (LexRank, Erkan and Radev 2004): the mean is 1.
///
/// A row of similarities becomes probabilities by its sum, or by soft-max if any number of the matrix is 0 or less. What is returned is
/// where a walk over the rows, by these probabilities, is found in the long run.
///
/// - Parameters:
///   - similarities: `[N, N]`.
///   - threshold: Similarities of at least this count as 1, others as 0; nil: as they are.
/// - Returns: A number for each row.
/// - Throws: ``SearchError`` that names a row with a number that is not finite.
public func lexRank(similarities: Tensor, threshold: Double? = nil) throws -> [Double] {
    require(
        similarities.rank == 2 && similarities.shape[0] == similarities.shape[1] && similarities.dtype.isFloatingPoint, "lexRank",
        [similarities], "needs a square matrix")
    try SearchError.checkFinite(similarities, of: "similarities")
    let count = similarities.shape[0]
    guard count > 1 else { return [Double](repeating: 1, count: count) }
    var weights = similarities.cast(to: .float64)
    if let threshold { weights = (similarities .>= threshold).cast(to: .float64) }
    var transitions = weights.min().item > 0 ? weights / weights.sum(alongAxis: 1, keepingAxis: true) : weights.softmax()
    var ranks = Tensor.ones([1, count], dtype: .float64)
    // Each round doubles the number of steps, so that far fewer than these are needed.
    for _ in 0..<64 {
        let next = ranks.matmul(transitions)
        let isSettled = zip(next.values, ranks.values).allSatisfy { ($0 - $1).magnitude <= 1e-8 + 1e-5 * $1.magnitude }
        ranks = next
        if isSettled { break }
        transitions = transitions.matmul(transitions)
    }
    return ranks.values
}
