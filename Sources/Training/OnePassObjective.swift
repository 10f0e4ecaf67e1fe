import Autodiff
import Layers
import Losses

/// An objective that is computed in one pass: what the loss is of a model and a batch is all that it has to say.
///
/// Gradients are taken by the model's parameters and by its own; one of its own without influence has a gradient of zero.
public protocol OnePassObjective<Model>: Objective {
    /// What it trains.
    associatedtype Model  // told once more, so that it follows from `loss`

    /// - Parameters:
    ///   - model: What is trained.
    ///   - batch: What the model made of the rows.
    ///   - context: Training or inference, for the model.
    func loss(_ model: Model, _ batch: Model.Batch, in context: Context) -> LossValue
}

extension OnePassObjective {
    public func valueAndGradients(
        _ model: Model, _ batch: Model.Batch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult {
        let own = parameters.map(\.parameter)
        var value: LossValue?
        var (_, gradients) = try Layers.valueAndGradients(of: model.parameters + own, detectingAnomalies: detectingAnomalies) {
            let found = loss(model, batch, in: .training(key: key)).checked(of: name)
            value = found.detached()
            return found.total
        }
        let unused = own.filter { $0.isTrainable && gradients[$0] == nil }
        gradients.add(Gradients(unused, unused.map { .dense(.zeros($0.shape, dtype: $0.value.dtype)) }))
        return ObjectiveResult(value!, gradients)
    }

    public func value(_ model: Model, _ batch: Model.Batch) -> LossValue { loss(model, batch, in: .inference) }
}

/// A function of a model and a batch as an objective.
public struct FunctionObjective<Model: TrainableModel>: OnePassObjective {
    public let name: String
    private let function: @Sendable (Model, Model.Batch, Context) -> Tensor

    /// - Parameters:
    ///   - name: What logs and reports call it.
    ///   - function: Gives a scalar.
    public init(
        name: String = "loss", _ function: @escaping @Sendable (_ model: Model, _ batch: Model.Batch, _ context: Context) -> Tensor
    ) {
        self.name = name
        self.function = function
    }

    public func loss(_ model: Model, _ batch: Model.Batch, in context: Context) -> LossValue {
        LossValue(function(model, batch, context))
    }
}
