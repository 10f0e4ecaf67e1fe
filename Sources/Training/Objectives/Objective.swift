import Autodiff
import Layers
import Losses
import SentenceEmbeddings

/// What the trainer calls: a model and a batch become a loss and its gradients.
public protocol Objective: Sendable {
    var name: String { get }
    var inputs: LossInputs { get }
    /// Options for reports.
    var configuration: [(key: String, value: String)] { get }

    /// - Parameters:
    ///   - key: Of this update: the same key draws the same dropout.
    ///   - detectingAnomalies: Throws ``Anomaly`` for the first operation with a value that is not finite.
    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> (loss: Double, gradients: Gradients)

    /// The loss alone, without dropout: for evaluation.
    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> Double
}

/// A loss of embeddings as an objective: all columns are embedded in one pass, then the loss is taken.
public struct LossObjective: Objective {
    public let loss: any EmbeddingLoss

    public init(_ loss: any EmbeddingLoss) { self.loss = loss }

    public var name: String { loss.name }
    public var inputs: LossInputs { loss.inputs }
    public var configuration: [(key: String, value: String)] { loss.configuration }

    public func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> (loss: Double, gradients: Gradients) {
        func run() -> Tensor { value(model, batch, in: .training(key: key)) }
        let parameters = model.parameters
        let result = detectingAnomalies
            ? try Layers.valueAndGradients(of: parameters, detectingAnomalies: true, run)
            : Layers.valueAndGradients(of: parameters, run)
        return (result.value.item, result.gradients)
    }

    public func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> Double {
        value(model, batch, in: .inference).item
    }

    private func value(_ model: SentenceTransformer, _ batch: TrainingBatch, in context: Context) -> Tensor {
        guard let embeddings = model(batch.tokens, in: context).sentenceEmbedding else {
            preconditionFailure("\(name): no module of the model makes a sentence embedding")
        }
        let lengths = [Int](repeating: batch.rowCount, count: batch.columnCount)
        return loss(embeddings.split(lengths: lengths), labels: batch.labels)
    }
}
