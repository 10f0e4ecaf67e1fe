import Tapestry

/// Spearman's correlation with the scores of pairs, by the first so many numbers of each embedding.
///
/// - Returns: One figure for each of the dimensions; the sentences are embedded once.
public func spearman(_ model: SentenceTransformer, _ pairs: Dataset, dimensions: [Int]) -> [Double] {
    let a = model.encode(pairs.columns[0].texts), b = model.encode(pairs.columns[1].texts)
    return dimensions.map { count in
        let similarities = model.pairwiseSimilarity(a.sliced(0..<count, alongAxis: 1), b.sliced(0..<count, alongAxis: 1))
        return Correlation.spearman(similarities.values, pairs.labels?.values ?? [])
    }
}

/// The same by whole embeddings.
public func spearman(_ model: SentenceTransformer, _ pairs: Dataset) -> Double {
    spearman(model, pairs, dimensions: [model.embeddingDimension])[0]
}

extension ExperimentData {
    /// Spearman's correlation on the dev split of the scored pairs, to follow training by.
    public func evaluator() throws -> EmbeddingSimilarityEvaluator {
        var evaluator = try EmbeddingSimilarityEvaluator(scoredPairs(.dev), name: "sts-dev", batchSize: 32)
        evaluator.writesCSV = false
        return evaluator
    }
}
