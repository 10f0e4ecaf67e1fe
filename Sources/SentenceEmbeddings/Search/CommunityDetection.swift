import Autodiff

/// Groups of rows around a center each, by the cosine: the largest group first.
///
/// A row and all rows that are at least `threshold` alike to it are a candidate. Candidates are taken by their size, the largest first
/// (of equal sizes the lowest row); each takes the rows that are still free, if these are enough. Beside the embeddings, at most
/// 512 neighbors of each row and a few blocks of scores are in memory.
///
/// - Parameters:
///   - embeddings: `[N, D]`.
///   - threshold: The least cosine to the center.
///   - minCommunitySize: The least number of rows of a community, the center included.
///   - batchSize: Rows whose scores are computed at once. It changes nothing.
/// - Returns: The rows of each community: its center, then the others, the closest first. Rows may belong to none.
/// - Throws: ``SearchError`` that names a row with a number that is not finite.
public func communityDetection(
    embeddings: Tensor, threshold: Double = 0.75, minCommunitySize: Int = 10, batchSize: Int = 1_024
) throws -> [[Int]] {
    require(
        embeddings.rank == 2 && embeddings.dtype.isFloatingPoint && minCommunitySize > 0 && batchSize > 0, "communityDetection",
        [embeddings], "needs a matrix, and positive sizes")
    try SearchError.checkFinite(embeddings, of: "embeddings")
    let count = embeddings.shape[0]
    guard count >= minCommunitySize else { return [] }
    let rows = embeddings.normalized()
    let neighbors = Neighborhoods(of: rows, threshold: threshold, batchSize: batchSize)
    let candidates = (0..<count).filter { neighbors.counts[$0] >= minCommunitySize }
        .sorted { (neighbors.counts[$0], $1) > (neighbors.counts[$1], $0) }
    var communities: [[Int]] = [], isUsed = [Bool](repeating: false, count: count)
    for center in candidates where !isUsed[center] {
        let free = neighbors.members(around: center).filter { !isUsed[$0] }
        guard free.count >= minCommunitySize else { continue }
        let community = [center] + free.filter { $0 != center }
        for row in community { isUsed[row] = true }
        communities.append(community)
    }
    return communities.enumerated().sorted { ($0.element.count, $1.offset) > ($1.element.count, $0.offset) }.map(\.element)
}
