import SentenceEmbeddings

extension SentenceTransformer {
    /// The similarities that an evaluator was told, or the main one, or the model's own.
    func similarityFunctions(_ told: [SimilarityFunction], main: SimilarityFunction?) -> [SimilarityFunction] {
        told.isEmpty ? [main ?? similarityFunction] : told
    }
}
