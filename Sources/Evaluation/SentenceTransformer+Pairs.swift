import Autodiff
import SentenceEmbeddings

extension SentenceTransformer {
    /// Two lists of sentences, each different one embedded once: `[N, D]` twice.
    func encodeTogether(_ a: [String], _ b: [String], batchSize: Int, truncateDimension: Int?) -> (Tensor, Tensor) {
        let embeddings = encode(a + b, batchSize: batchSize, truncateDimension: truncateDimension)
        return (embeddings.sliced(0..<a.count), embeddings.sliced(a.count..<a.count + b.count))
    }
}
