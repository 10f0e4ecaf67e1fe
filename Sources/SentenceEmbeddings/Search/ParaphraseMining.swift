import Autodiff
import Requirements

/// Two rows that are alike.
public struct MinedPair: Sendable, Equatable {
    /// How alike they are.
    public let score: Float
    /// The rows, `i < j`.
    public let i, j: Int
}

/// The most alike pairs of rows, the closest first.
///
/// Each row brings its `topK` closest others; of these the `maxPairs` best are kept, each pair once.
///
/// - Parameters:
///   - embeddings: `[N, D]`.
///   - queryChunkSize: Rows whose scores are in memory at once. It changes nothing.
///   - maxPairs: How many pairs are kept.
///   - topK: How many neighbors each row brings.
///   - similarity: Should be symmetric: the score that is seen first counts.
public func paraphraseMining(
    ofEmbeddings embeddings: Tensor, queryChunkSize: Int = 5_000, maxPairs: Int = 500_000, topK: Int = 100,
    similarity: SimilarityFunction = .cosine
) -> [MinedPair] {
    require(
        embeddings.rank == 2 && queryChunkSize > 0 && maxPairs > 0 && topK > 0,
        "paraphraseMining", [embeddings], "needs a matrix, and positive sizes")
    let rows = embeddings.shape[0]
    var best = SmallestFirst(capacity: maxPairs), seen: Set<Int> = []
    let chunk = max(1, min(queryChunkSize, (1 << 24) / max(1, rows)))
    let prepared = similarity.prepared(embeddings)
    for start in stride(from: 0, to: rows, by: chunk) {
        let queries = prepared.sliced(start..<min(start + chunk, rows))
        let (scores, indices) = similarity.ofPrepared(queries, prepared).topK(min(topK + 1, rows))
        let (values, others) = (scores.values, indices.values)
        let width = scores.shape[1]
        for row in start..<start + queries.shape[0] {
            let places = (row - start) * width..<(row - start + 1) * width
            for place in places.lazy.filter({ Int(others[$0]) != row }).prefix(topK) {
                let (score, other) = (Float(values[place]), Int(others[place]))
                let (i, j) = (min(row, other), max(row, other))
                guard score > best.cutoff, seen.insert(i * rows + j).inserted else { continue }
                best.insert(MinedPair(score: score, i: i, j: j))
            }
        }
    }
    return best.pairs.sorted { $0.score != $1.score ? $0.score > $1.score : ($0.i, $0.j) < ($1.i, $1.j) }
}

/// The largest pairs so far, as a heap whose first one is the smallest.
private struct SmallestFirst {
    private(set) var pairs: [MinedPair] = []
    private let capacity: Int
    /// What was let go of last; nothing of that score or less is taken any more.
    private(set) var cutoff = -Float.infinity

    init(capacity: Int) { self.capacity = capacity }

    mutating func insert(_ pair: MinedPair) {
        pairs.append(pair)
        var child = pairs.count - 1
        while child > 0, isSmaller(child, (child - 1) / 2) {
            pairs.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        if pairs.count > capacity { cutoff = removeSmallest().score }
    }

    private mutating func removeSmallest() -> MinedPair {
        pairs.swapAt(0, pairs.count - 1)
        let smallest = pairs.removeLast()
        var parent = 0
        while true {
            let children = (2 * parent + 1..<2 * parent + 3).filter { $0 < pairs.count && isSmaller($0, parent) }
            guard let next = children.min(by: { isSmaller($0, $1) }) else { return smallest }
            pairs.swapAt(parent, next)
            parent = next
        }
    }

    private func isSmaller(_ a: Int, _ b: Int) -> Bool {
        (pairs[a].score, pairs[a].i, pairs[a].j) < (pairs[b].score, pairs[b].i, pairs[b].j)
    }
}
