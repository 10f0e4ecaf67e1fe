import Autodiff
import Layers
import Losses
import SentenceEmbeddings
import Training

/// A loss of embeddings as an objective: all columns are embedded in one pass, then the loss is taken.
public struct LossObjective: EmbeddingObjective {
    public let loss: any Loss

    /// The objective of a loss.
    public init(_ loss: any Loss) { self.loss = loss }

    public func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let stage = LossStage(loss, batch, key: key)
        var value: LossValue?
        var embeddings: [Tensor] = []
        let (_, gradients) = try Layers.valueAndGradients(
            of: model.parameters + parameters.map(\.parameter), detectingAnomalies: detectingAnomalies
        ) {
            let layers = stage.embeddings(of: batch.tokens, by: model, in: .training(key: key))
            embeddings = stage.columns(of: layers)
            let found = stage.value(of: layers)
            value = found.detached()
            return found.total
        }
        return ObjectiveResult(value!, gradients, embeddings: embeddings)
    }

    public func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue {
        let stage = LossStage(loss, batch, key: nil)
        return stage.value(of: stage.embeddings(of: batch.tokens, by: model, in: .inference))
    }
}
