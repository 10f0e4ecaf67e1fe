import Autodiff
import Tables

/// Passages that are close to an anchor and yet no positives of it, for pairs of an anchor and a positive.
///
/// The candidates of an anchor are the closest rows of the corpus, of equal scores the lowest first; its positives and what `options`
/// excludes are dropped. Beside the embeddings, the candidates of 16,384 anchors and a block of scores are in memory.
///
/// - Parameters:
///   - dataset: Pairs of texts. An anchor may occur in several rows: none of its positives is a negative of it.
///   - anchorColumn: The column of anchors; nil: the first.
///   - positiveColumn: The column of positives; nil: the second.
///   - corpus: More passages to choose from, before the positives.
///   - options: Which candidates are taken, and how they are put into the result.
///   - similarity: Larger is closer.
///   - scorer: Has the last word on the scores of candidates and positives, where `options` bounds them.
///   - embed: The embeddings of the different anchors, `[Q, D]`, and of the different passages, `[N, D]`.
/// - Throws: ``SearchError`` for options that contradict each other, for embeddings that are not finite, and if no negative is left;
///   `DatasetError` for columns that are missing or hold no texts; and whatever `scorer` and `embed` throw.
public func mineHardNegatives(
    _ dataset: Dataset, anchorColumn: String? = nil, positiveColumn: String? = nil, corpus: [String]? = nil,
    options: HardNegativeOptions = HardNegativeOptions(), similarity: SimilarityFunction = .cosine, scorer: (any PairScorer)? = nil,
    embed: (_ anchors: [String], _ passages: [String]) throws -> (Tensor, Tensor)
) throws -> HardNegatives {
    let pairs = try MiningPairs(dataset, anchorColumn: anchorColumn, positiveColumn: positiveColumn, corpus: corpus)
    let range = try options.range(maxPositives: pairs.maxPositives, isRescored: scorer != nil)
    let (queries, passages) = try embed(pairs.anchors, pairs.corpus)
    require(
        queries.rank == 2 && passages.rank == 2 && queries.shape == [pairs.anchors.count, passages.shape[1]]
            && passages.shape[0] == pairs.corpus.count, "mineHardNegatives", [queries, passages],
        "needs a row for each of \(pairs.anchors.count) anchors and \(pairs.corpus.count) passages")
    var miner = HardNegativeMiner(pairs: pairs, options: options, range: range, scorer: scorer)
    for start in stride(from: 0, to: queries.shape[0], by: HardNegativeMiner.anchorsAtOnce) {
        let anchors = start..<min(start + HardNegativeMiner.anchorsAtOnce, queries.shape[0])
        try miner.mine(anchors, queries: queries.sliced(anchors), passages: passages, similarity: similarity)
    }
    return try miner.result()
}
