import Autodiff
import Layers
import Losses
import Tables

/// What the trainer calls: a model and a batch become a loss and its gradients.
///
/// The simplest is a function of model and batch, ``FunctionObjective``.
public protocol Objective<Model>: Sendable {
    /// What it trains.
    associatedtype Model: TrainableModel

    /// What logs, reports and model cards call it.
    var name: String { get }
    /// Options for reports, by the reference's names.
    var configuration: [(key: String, value: String)] { get }
    /// BibTeX of the paper it comes from.
    var citation: String? { get }
    /// Parameters of its own, trained beside the model's.
    var parameters: [NamedParameter] { get }
    /// The least rows of a batch; training leaves out a last batch of fewer.
    var minimumRows: Int { get }

    /// Says no, before training starts, to what it cannot be trained on.
    ///
    /// - Throws: `LossInputError` or `DatasetError`.
    func check(_ dataset: Dataset, for model: Model) throws

    /// What looks like a mistake in a dataset that it can be trained on: a sentence each.
    func warnings(about dataset: Dataset) -> [String]

    /// Whether a batch of these labels, one number a row, can give a gradient other than zero.
    func canTeach(labels: [Double]) -> Bool

    /// - Parameters:
    ///   - model: What is trained.
    ///   - batch: What the model made of the rows.
    ///   - key: Of this update: the same key draws the same dropout.
    ///   - detectingAnomalies: Throws `Anomaly` for the first operation with a value that is not finite.
    func valueAndGradients(
        _ model: Model, _ batch: Model.Batch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult

    /// The loss alone, without dropout and without random draws: for evaluation.
    func value(_ model: Model, _ batch: Model.Batch) -> LossValue
}

extension Objective {
    public var name: String { String(describing: type(of: self)) }
    public var configuration: [(key: String, value: String)] { [] }
    public var citation: String? { nil }
    public var parameters: [NamedParameter] { [] }
    public var minimumRows: Int { 1 }
    public func check(_ dataset: Dataset, for model: Model) throws {}
    public func warnings(about dataset: Dataset) -> [String] { [] }
    public func canTeach(labels: [Double]) -> Bool { true }
}

/// A loss, its named components, and its gradients.
public struct ObjectiveResult: Sendable {
    /// The value of the loss.
    public var loss: Double
    /// The named parts of the loss, if it has any.
    public var components: [(name: String, value: Double)]
    /// Of the model's parameters and the objective's own.
    public var gradients: Gradients
    /// `[B, D]` for each column, without record, for figures about them; empty where there are none.
    public var embeddings: [Tensor]

    /// The result of a loss and its gradients.
    public init(_ value: LossValue, _ gradients: Gradients, embeddings: [Tensor] = []) {
        loss = value.total.item
        components = value.namedComponents
        self.gradients = gradients
        self.embeddings = embeddings
    }
}
