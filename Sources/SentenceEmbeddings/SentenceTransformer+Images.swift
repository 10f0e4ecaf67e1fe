import Autodiff
import Encoders
import Images
import Layers
import Requirements

extension SentenceTransformer {
    /// Embeds images, where the model is one of images, too: CLIP.
    ///
    /// - Parameters:
    ///   - images: Of any sizes.
    ///   - batchSize: Images that are computed together. More use more memory.
    ///   - normalizesEmbeddings: Divides each embedding by its length, after it was truncated.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    ///   - progress: Called with the number of images done.
    /// - Returns: `[N, D]`, the dtype of the weights.
    /// - Precondition: The first module is a `CLIPModel`.
    public func encode(
        images: some Collection<Image>, batchSize: Int = 32, normalizesEmbeddings: Bool = false, truncateDimension: Int? = nil,
        progress: ((Int) -> Void)? = nil
    ) -> Tensor {
        require(batchSize > 0, "encode: a batch size of \(batchSize) holds no image")
        guard let input = input as? CLIPModel else { refuse("encode(images:): a \(input.className) takes no images") }
        let images = Array(images), dimension = min(truncateDimension ?? embeddingDimension, embeddingDimension)
        guard !images.isEmpty else { return .zeros([0, dimension], dtype: input.model.logitScale.value.dtype) }
        let batches = stride(from: 0, to: images.count, by: batchSize).map { start in
            let part = Array(images[start..<min(start + batchSize, images.count)])
            // What follows the first module sees as many sequences without tokens.
            var features = Features(TokenBatch(sequences: [[Int32]](repeating: [], count: part.count)))
            features.sentenceEmbedding = input.embeddings(of: part, in: .inference)
            defer { progress?(start + part.count) }
            return features.passed(through: modules, in: .inference).requiredSentenceEmbedding
        }
        var embeddings = Tensor.concatenating(batches)
        if dimension < embeddings.shape[1] { embeddings = embeddings.sliced(0..<dimension, alongAxis: 1) }
        return normalizesEmbeddings ? embeddings.normalized() : embeddings
    }
}
