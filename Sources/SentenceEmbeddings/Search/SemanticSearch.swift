import Autodiff

/// The rows of a corpus that are most alike to each query, the closest first; of equal scores the lowest row comes first.
///
/// The corpus may be larger than memory, as a mapped file is (`NumpyFile.embeddings()`): beside the queries and the results, a
/// block of the corpus and its scores are in memory, `corpusChunkSize` × (D + `queryChunkSize`) numbers, and twice that many at most.
///
/// ```swift
/// let hits = try semanticSearch(queries: model.encodeQuery(questions), corpus: model.encodeDocument(passages), topK: 5)
/// ```
///
/// - Parameters:
///   - queries: `[Q, D]`.
///   - corpus: `[N, D]`, of the same dtype.
///   - queryChunkSize: Queries that are compared at once. Chunks change no result.
///   - corpusChunkSize: Rows of the corpus that they are compared with.
///   - topK: How many rows are found for each query; all of them in a corpus that has fewer.
///   - similarity: Larger is closer.
/// - Returns: A list for each query.
/// - Throws: ``SearchError`` that names a row with a number that is not finite.
public func semanticSearch(
    queries: Tensor, corpus: Tensor, queryChunkSize: Int = 100, corpusChunkSize: Int = 16_384, topK: Int = 10,
    similarity: SimilarityFunction = .cosine
) throws -> [[SearchHit]] {
    require(
        queries.rank == 2 && corpus.rank == 2 && queries.shape[1] == corpus.shape[1] && queries.dtype == corpus.dtype
            && queries.dtype.isFloatingPoint, "semanticSearch", [queries, corpus], "needs two matrices of one width and dtype")
    require(queryChunkSize > 0 && corpusChunkSize > 0 && topK > 0, "semanticSearch", [queries, corpus], "needs positive sizes")
    return try TopMatches.search(
        queries, in: corpus, similarity: similarity, limit: topK, queryChunk: queryChunkSize, corpusChunk: corpusChunkSize
    ).flatMap(\.hits)
}
