import Autodiff
import Layers
import Losses
import SentenceEmbeddings

/// What the trainer calls: a model and a batch become a loss and its gradients.
///
/// Every `Loss` is one by ``LossObjective``. Only what is no function of embeddings (a decoder, a second encoder) is an
/// objective of its own.
public protocol Objective: Sendable {
    var name: String { get }
    /// Options for reports, by the reference's names.
    var configuration: [(key: String, value: String)] { get }
    /// BibTeX of the paper it comes from.
    var citation: String? { get }
    var inputs: LossInputs { get }
    /// Parameters of its own, trained beside the model's.
    var parameters: [NamedParameter] { get }

    /// What it is excused from of the laws that `checkLaws(of:)` knows.
    var lawExceptions: [LawException] { get }

    /// Says no, before training starts, to what it cannot be trained on.
    ///
    /// - Throws: ``LossInputError``.
    func check(_ setting: LossSetting) throws

    /// - Parameters:
    ///   - key: Of this update: the same key draws the same dropout.
    ///   - detectingAnomalies: Throws `Anomaly` for the first operation with a value that is not finite.
    func valueAndGradients(
        _ model: SentenceTransformer, _ batch: TrainingBatch, key: RandomKey, detectingAnomalies: Bool
    ) throws -> ObjectiveResult

    /// The loss alone, without dropout and without random draws: for evaluation.
    func value(_ model: SentenceTransformer, _ batch: TrainingBatch) -> LossValue
}

extension Objective {
    public var configuration: [(key: String, value: String)] { [] }
    public var citation: String? { nil }
    public var parameters: [NamedParameter] { [] }
    public var lawExceptions: [LawException] { [] }
    public func check(_ setting: LossSetting) throws { try inputs.check(loss: name, setting) }
}

/// An objective that is a loss of the batch's embeddings, however it comes by them.
public protocol EmbeddingObjective: Objective {
    var loss: any Loss { get }
}

extension EmbeddingObjective {
    public var name: String { loss.name }
    public var inputs: LossInputs { loss.inputs }
    public var configuration: [(key: String, value: String)] { loss.configuration }
    public var citation: String? { loss.citation }
    public var parameters: [NamedParameter] { loss.parameters }
    public var lawExceptions: [LawException] { loss.lawExceptions }
    public func check(_ setting: LossSetting) throws { try loss.validate(setting) }
}

/// An objective that works through its batch in parts; how large they are changes nothing but memory.
public protocol MiniBatchedObjective: Objective {
    /// The same objective with other parts.
    ///
    /// - Parameter miniBatchTokens: Tokens in a part, in place of a number of sequences.
    func replacing(miniBatchSize: Int, miniBatchTokens: Int?) -> Self
}

/// A loss, its named components, and its gradients.
public struct ObjectiveResult: Sendable {
    public var loss: Double
    public var components: [(name: String, value: Double)]
    public var gradients: Gradients

    public init(_ value: LossValue, _ gradients: Gradients) {
        loss = value.total.item
        components = value.namedComponents
        self.gradients = gradients
    }
}
