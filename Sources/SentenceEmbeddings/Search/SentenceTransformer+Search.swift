import Autodiff
import Tables

extension SentenceTransformer {
    /// The most alike pairs of sentences, the closest first.
    ///
    /// Embeds each sentence once, then mines as the function of embeddings does, with the same parameters.
    public func paraphraseMining(
        _ sentences: [String], batchSize: Int = 32, queryChunkSize: Int = 5_000, maxPairs: Int = 500_000, topK: Int = 100,
        similarity: SimilarityFunction = .cosine, truncateDimension: Int? = nil
    ) -> [MinedPair] {
        SentenceEmbeddings.paraphraseMining(
            ofEmbeddings: encode(sentences, batchSize: batchSize, truncateDimension: truncateDimension), queryChunkSize: queryChunkSize,
            maxPairs: maxPairs, topK: topK, similarity: similarity)
    }
}

extension SentenceTransformer {
    /// Passages that are close to an anchor and yet no positives of it, for pairs of an anchor and a positive.
    ///
    /// Embeds each different text once, anchors as queries and passages as documents, then mines as the function of embeddings does.
    ///
    /// ```swift
    /// var options = HardNegativeOptions()
    /// options.relativeMargin = 0.05
    /// let triplets = try model.mineHardNegatives(pairs, options: options).dataset
    /// ```
    ///
    /// - Parameters:
    ///   - dataset: Pairs of texts.
    ///   - anchorColumn: The column of anchors; nil: the first.
    ///   - positiveColumn: The column of positives; nil: the second.
    ///   - corpus: More passages to choose from.
    ///   - options: Which candidates are taken, and how they are put into the result.
    ///   - scorer: Has the last word on scores, where `options` bounds them.
    ///   - queryPromptName: A name in `prompts`; nil: `query`, where the model has it.
    ///   - queryPrompt: A text to put before each anchor; wins over the name.
    ///   - corpusPromptName: The same for passages; nil: the first of `document`, `passage` and `corpus` that the model has.
    ///   - corpusPrompt: A text to put before each passage; wins over the name.
    ///   - batchSize: Texts that are embedded together.
    /// - Throws: ``SearchError``, also for a prompt that the model does not have; `DatasetError` for columns that are missing or hold no
    ///   texts; and whatever `scorer` throws.
    public func mineHardNegatives(
        _ dataset: Dataset, anchorColumn: String? = nil, positiveColumn: String? = nil, corpus: [String]? = nil,
        options: HardNegativeOptions = HardNegativeOptions(), scorer: (any PairScorer)? = nil, queryPromptName: String? = nil,
        queryPrompt: String? = nil, corpusPromptName: String? = nil, corpusPrompt: String? = nil, batchSize: Int = 32
    ) throws -> HardNegatives {
        func prompt(_ given: String?, _ name: String?, _ usual: [String]) throws -> String {
            if let given { return given }
            guard let name else { return usual.lazy.compactMap { self.prompts[$0] }.first ?? "" }
            guard let found = prompts[name] else {
                throw SearchError("the model has no prompt named \"\(name)\"; it has \(prompts.keys.sorted())")
            }
            return found
        }
        let anchorPrompt = try prompt(queryPrompt, queryPromptName, ["query"])
        let passagePrompt = try prompt(corpusPrompt, corpusPromptName, ["document", "passage", "corpus"])
        return try SentenceEmbeddings.mineHardNegatives(
            dataset, anchorColumn: anchorColumn, positiveColumn: positiveColumn, corpus: corpus, options: options,
            similarity: similarityFunction, scorer: scorer
        ) { anchors, passages in
            (
                encode(anchors, prompt: anchorPrompt, task: "query", batchSize: batchSize, normalizesEmbeddings: true),
                encode(passages, prompt: passagePrompt, task: "document", batchSize: batchSize, normalizesEmbeddings: true)
            )
        }
    }

    /// The sentences that say most of what all say (LexRank), by their cosines.
    ///
    /// - Parameters:
    ///   - sentences: Of a text.
    ///   - count: How many are wanted at most.
    ///   - batchSize: Sentences that are embedded together.
    /// - Returns: Their places, the most central first; of equal ones the first.
    /// - Throws: ``SearchError`` if an embedding is not finite.
    public func summarize(_ sentences: [String], count: Int = 5, batchSize: Int = 32) throws -> [Int] {
        let embeddings = encode(sentences, batchSize: batchSize)
        let ranks = try lexRank(similarities: cosineSimilarity(embeddings, embeddings))
        return Array(ranks.indices.sorted { (ranks[$0], $1) > (ranks[$1], $0) }.prefix(count))
    }
}
