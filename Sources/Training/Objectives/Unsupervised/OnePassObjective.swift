import Autodiff
import Layers
import Losses
import SentenceEmbeddings

/// An objective that is computed in one pass: what the loss is of a model and a batch is all that it has to say.
///
/// For what is no function of one model's embeddings, or there would be a ``LossObjective``. Gradients are taken by the
/// model's parameters and by its own; one of its own without influence has a gradient of zero.
public protocol OnePassObjective: Objective {
    /// - Parameter context: Training or inference, for the model.
    func loss(_ model: SentenceTransformer, _ batch: TrainingBatch, in context: Context) -> LossValue
}

extension OnePassObjective {
    public var name: String { String(describing: type(of: self)) }

    public func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let own = parameters.map(\.parameter)
        var value: LossValue?
        var (_, gradients) = try Layers.valueAndGradients(of: model.parameters + own, detectingAnomalies: detectingAnomalies) {
            let found = loss(model, batch, in: .training(key: key))
            value = found.detached()
            return found.total
        }
        let unused = own.filter { $0.isTrainable && gradients[$0] == nil }
        gradients.add(Gradients(unused, unused.map { .dense(.zeros($0.shape, dtype: $0.value.dtype)) }))
        return ObjectiveResult(value!, gradients)
    }

    public func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue { loss(model, batch, in: .inference) }
}
