import Autodiff

/// A sentence and its likely translation.
public struct MinedTranslation: Sendable, Equatable {
    /// How much closer they are than to their other neighbors.
    public let score: Float
    /// The rows of the two.
    public let source, target: Int
}

/// The pairs of rows of two languages that are most likely translations of each other, the surest first, each row at most once.
///
/// A pair's score is its cosine over the mean cosine of both rows to their closest `neighborCount` rows of the other side (Artetxe and
/// Schwenk 2019). Each row proposes the best of its neighbors; of equal scores, the lowest source row comes first.
///
/// - Parameters:
///   - sources: `[M, D]`.
///   - targets: `[N, D]`.
///   - neighborCount: How many neighbors of each row are looked at.
///   - minScore: Pairs below it are left out.
/// - Throws: ``SearchError`` that names a row with a number that is not finite.
public func bitextMining(sources: Tensor, targets: Tensor, neighborCount: Int = 4, minScore: Double = 1) throws -> [MinedTranslation] {
    require(
        sources.rank == 2 && targets.rank == 2 && sources.shape[1] == targets.shape[1] && sources.dtype == targets.dtype
            && sources.dtype.isFloatingPoint && neighborCount > 0, "bitextMining", [sources, targets],
        "needs two matrices of one width and dtype, and a positive number of neighbors")
    func neighbors(_ rows: Tensor, _ others: Tensor) throws -> (hits: [[SearchHit]], means: [Float]) {
        let hits = try semanticSearch(queries: rows, corpus: others, queryChunkSize: 256, topK: neighborCount)
        return (hits, hits.map { $0.isEmpty ? 0 : $0.reduce(0) { $0 + $1.score } / Float($0.count) })
    }
    let (forward, sourceMeans) = try neighbors(sources, targets)
    let (backward, targetMeans) = try neighbors(targets, sources)
    func score(_ cosine: Float, _ source: Int, _ target: Int) -> MinedTranslation {
        MinedTranslation(score: cosine / ((sourceMeans[source] + targetMeans[target]) / 2), source: source, target: target)
    }
    func best(_ candidates: [MinedTranslation]) -> MinedTranslation? {
        candidates.reduce(nil) { best, next in best.map { $0.score >= next.score } ?? false ? best : next }
    }
    let proposals =
        forward.enumerated().compactMap { source, hits in best(hits.map { score($0.score, source, $0.corpusID) }) }
        + backward.enumerated().compactMap { target, hits in best(hits.map { score($0.score, $0.corpusID, target) }) }
    var usedSources: Set<Int> = [], usedTargets: Set<Int> = [], found: [MinedTranslation] = []
    for pair in proposals.sorted(by: { $0.score != $1.score ? $0.score > $1.score : ($0.source, $0.target) < ($1.source, $1.target) }) {
        guard pair.score >= Float(minScore) else { break }
        guard !usedSources.contains(pair.source), !usedTargets.contains(pair.target) else { continue }
        usedSources.insert(pair.source)
        usedTargets.insert(pair.target)
        found.append(pair)
    }
    return found
}
