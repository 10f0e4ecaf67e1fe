import Autodiff

/// A pure function of embeddings and labels that training makes small.
///
/// It knows nothing of models, batches or devices; that is why any loss can be cached, made Matryoshka or
/// differentiated twice. A loss of your own needs the two requirements below and nothing else:
///
/// ```swift
/// struct AlignmentLoss: EmbeddingLoss {
///     let inputs = LossInputs(columns: ["anchor", "positive"])
///     func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
///         (embeddings[0].normalized() - embeddings[1].normalized()).square().sum(alongAxis: 1).mean()
///     }
/// }
/// ```
public protocol EmbeddingLoss: Sendable {
    /// Which columns and labels it takes.
    var inputs: LossInputs { get }

    /// - Parameters:
    ///   - embeddings: `[B, D]` for each text column, in the dataset's order.
    ///   - labels: `[B]`, in the dtype of the embeddings, or none.
    /// - Returns: A scalar.
    func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor

    /// What people call it.
    var name: String { get }
    /// Its options and their values, for reports and model cards.
    var configuration: [(key: String, value: String)] { get }
}

extension EmbeddingLoss {
    public var name: String { String(describing: type(of: self)) }
    public var configuration: [(key: String, value: String)] { [] }

    /// The labels, one for each row.
    func required(_ labels: Tensor?, for embeddings: [Tensor]) -> Tensor {
        guard let labels, labels.count == embeddings[0].shape[0] else {
            preconditionFailure("\(name): needs \(embeddings[0].shape[0]) labels, not \(labels?.shape.description ?? "none")")
        }
        return labels.reshaped([labels.count]).cast(to: embeddings[0].dtype)
    }
}
