import Autodiff
import Requirements

/// A pure function of embeddings and labels: all that most losses need to be.
///
/// A loss of your own needs the two requirements below and nothing else. It can then be cached, made Matryoshka or
/// adaptive, summed with others and differentiated twice:
///
/// ```swift
/// struct AlignmentLoss: EmbeddingLoss {
///     let inputs = LossInputs(columns: ["anchor", "positive"])
///     func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
///         (embeddings[0].normalized() - embeddings[1].normalized()).square().sum(alongAxis: 1).mean()
///     }
/// }
/// ```
public protocol EmbeddingLoss: Loss {
    /// - Parameters:
    ///   - embeddings: `[B, D]` for each text column, in the dataset's order.
    ///   - labels: `[B]` or more axes, as the dataset has them, or none.
    /// - Returns: A scalar.
    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor
}

extension EmbeddingLoss {
    public func callAsFunction(_ batch: LossBatch) -> LossValue {
        requireColumns(batch.embeddings)
        return LossValue(self(batch.embeddings, labels: batch.labels)).checked(of: name)
    }
}
