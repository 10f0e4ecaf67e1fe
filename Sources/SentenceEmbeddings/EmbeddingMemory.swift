import Autodiff
import Encoders
import Requirements

/// Embeddings of one state of a model's weights, by what was embedded.
final class EmbeddingMemory: Sendable {
    private struct Content {
        /// Held, so that any change of a weight makes other storage of it.
        var weights: [Tensor] = []
        var rows: [TokenBatch.Content: Tensor] = [:]  // [1, D] each
    }

    /// What it holds at most, in bytes of embeddings.
    private static let capacity = 64 << 20
    private let content = Locked(Content())

    /// The embeddings that are known under these weights, `[1, D]` each.
    func rows(of contents: [TokenBatch.Content], weights: [Tensor]) -> [Tensor?] {
        content.withLock { content in
            if !content.weights.elementsEqual(weights, by: { $0.isSameStorage(as: $1) }) { content = Content(weights: weights) }
            return contents.map { content.rows[$0] }
        }
    }

    /// Keeps the rows of `[N, D]`.
    func note(_ embeddings: Tensor, of contents: [TokenBatch.Content]) {
        content.withLock { content in
            let most = Self.capacity / (embeddings.shape[1] * embeddings.dtype.byteCount)
            for (row, key) in contents.enumerated() where content.rows.count < most {
                content.rows[key] = embeddings.sliced(row..<row + 1)
            }
        }
    }
}
