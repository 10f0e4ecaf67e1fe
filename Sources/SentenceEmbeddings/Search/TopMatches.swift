import Autodiff

/// The best rows of a corpus for each of some queries. They are gathered block by block; of equal scores the lowest row comes first.
struct TopMatches {
    /// `[Q, K]`, the best first, for the K rows found so far.
    private(set) var scores: Tensor
    /// Q times K rows of the corpus.
    private(set) var rows: [Int] = []
    private let limit: Int

    /// - Parameters:
    ///   - queryCount: Q.
    ///   - limit: How many rows are kept for each.
    ///   - dtype: Of the scores.
    init(queryCount: Int, limit: Int, dtype: DType) {
        self.limit = limit
        scores = .zeros([queryCount, 0], dtype: dtype)
    }

    /// K.
    var count: Int { scores.shape[1] }

    /// Takes what is better from `[Q, N]` scores of the rows from `firstRow` on. Blocks come in the order of their rows.
    mutating func add(_ block: Tensor, firstRow: Int) {
        let best = block.topK(min(limit, block.shape[1]))
        let (width, found) = (best.indices.shape[1], best.indices.indices)
        guard count > 0 else {
            scores = best.values
            rows = found.map { firstRow + $0 }
            return
        }
        let (old, oldRows) = (count, rows)
        let merged = Tensor.concatenating([scores, best.values], alongAxis: 1).topK(min(limit, old + width))
        scores = merged.values
        let kept = count
        rows = merged.indices.indices.enumerated().map { index, place in
            let query = index / kept
            return place < old ? oldRows[query * old + place] : firstRow + found[query * width + place - old]
        }
    }

    /// The best first.
    var hits: [[SearchHit]] {
        let values = scores.values
        return (0..<scores.shape[0]).map { query in
            (query * count..<(query + 1) * count).map { SearchHit(corpusID: rows[$0], score: Float(values[$0])) }
        }
    }

    /// The best of a corpus for each chunk of queries, in order.
    ///
    /// - Parameters:
    ///   - queries: `[Q, D]`.
    ///   - corpus: `[N, D]`, such as a mapped file: only a block of it is touched at a time.
    ///   - similarity: Larger is closer.
    ///   - limit: How many rows are kept for each query.
    ///   - queryChunk: Queries that are compared at once.
    ///   - corpusChunk: Rows of the corpus that they are compared with.
    /// - Throws: ``SearchError`` for numbers that are not finite.
    static func search(
        _ queries: Tensor, in corpus: Tensor, similarity: SimilarityFunction, limit: Int, queryChunk: Int = 256, corpusChunk: Int = 16_384
    ) throws -> [TopMatches] {
        try SearchError.checkFinite(queries, of: "queries")
        let queries = similarity.prepared(queries)
        let starts = Array(stride(from: 0, to: queries.shape[0], by: queryChunk))
        let chunks = starts.map { queries.sliced($0..<min($0 + queryChunk, queries.shape[0])) }
        var matches = chunks.map { TopMatches(queryCount: $0.shape[0], limit: limit, dtype: $0.dtype) }
        for start in stride(from: 0, to: corpus.shape[0], by: corpusChunk) {
            let block = corpus.sliced(start..<min(start + corpusChunk, corpus.shape[0]))
            let rows = similarity.prepared(block)
            for (number, chunk) in chunks.enumerated() {
                let scores = similarity.ofPrepared(chunk, rows)
                // A number that is not finite spoils its row's score for every query, so it is enough to look at one.
                if number == 0, !scores.sliced(0..<1).isFinite {
                    try SearchError.checkFinite(block, of: "corpus", firstRow: start)
                }
                matches[number].add(scores, firstRow: start)
            }
        }
        return matches
    }
}

extension SimilarityFunction {
    /// What is done to each row alone before rows are compared.
    func prepared(_ rows: Tensor) -> Tensor { self == .cosine ? rows.normalized() : rows }

    /// `[M, N]` for prepared rows.
    func ofPrepared(_ a: Tensor, _ b: Tensor) -> Tensor { self == .cosine ? dotProduct(a, b) : matrix(a, b) }
}
