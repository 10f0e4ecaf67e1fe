import Autodiff
import Layers
import Options
import Requirements

/// What training makes small: a function of a batch's sentence embeddings, and of what else it asks for.
///
/// It knows nothing of models, so any loss can be cached (`Cached`), made Matryoshka, summed with others or
/// differentiated twice. Most losses need only embeddings and labels: conform to ``EmbeddingLoss`` then. This protocol
/// is for those that need more: constants made of the batch's texts, the embeddings of every layer, random draws,
/// parameters of their own, or several named components.
public protocol Loss: Configurable, Sendable {
    /// Which columns and labels it takes.
    var inputs: LossInputs { get }

    /// The loss of a batch: a scalar, or named scalars that add up.
    func callAsFunction(_ batch: LossBatch) -> LossValue

    /// Constants that it makes of the batch's texts, once a batch: a guide's embeddings, which texts are equal.
    /// `LossBatch.sides` brings them back.
    ///
    /// - Parameter texts: One array for each text column.
    func sideInputs(for texts: [[String]]) -> SideInputs

    /// Whether `LossBatch.layers` must hold the sentence embeddings of every layer.
    var needsEveryLayer: Bool { get }

    /// Parameters of its own, trained beside the model's.
    var parameters: [NamedParameter] { get }

    /// Whether it may see embeddings cut to fewer dimensions; false for one whose parameters have a width.
    var acceptsTruncatedEmbeddings: Bool { get }

    /// Says no, before training starts, to what it cannot be trained on. Columns and the presence of labels are
    /// checked already.
    ///
    /// - Throws: ``LossInputError``.
    func check(_ setting: LossSetting) throws

    /// Whether a batch of these labels, one number a row, can give a gradient other than zero.
    func canTeach(labels: [Double]) -> Bool

    /// What it can be told, by the reference's names: one row an option. Commands, files and reports know it by them.
    var options: [OptionRow<Self>] { get }

    /// The same loss with what its options leave to the surroundings: the model's width, the data's classes, a guide.
    ///
    /// - Throws: ``LossInputError`` where they do not have what it needs.
    func completed(in surroundings: LossSurroundings) throws -> Self

    /// What people call it.
    var name: String { get }
    /// What it does, in one sentence.
    var summary: String { get }
    /// In plain text, of one or a few lines.
    var formula: String { get }
    /// Its options and their values, for reports and model cards.
    var configuration: [(key: String, value: String)] { get }
    /// BibTeX of the paper it comes from.
    var citation: String? { get }

    /// What it promises, and what it is excused from: `checkLaws(of:)` holds it to that.
    var laws: [LossLaw] { get }
    /// The laws that it breaks on purpose.
    var lawExceptions: [LawException] { get }
}

extension Loss {
    public func canTeach(labels: [Double]) -> Bool { inputs.labels.canTeach(labels) }
    public func sideInputs(for texts: [[String]]) -> SideInputs { [] }
    public var needsEveryLayer: Bool { false }
    public var parameters: [NamedParameter] { [] }
    public var acceptsTruncatedEmbeddings: Bool { true }
    public func check(_ setting: LossSetting) throws {}
    public var options: [OptionRow<Self>] { [] }
    public func completed(in surroundings: LossSurroundings) throws -> Self { self }
    public var name: String { String(describing: type(of: self)) }
    public var summary: String { "" }
    public var formula: String { "" }
    public var configuration: [(key: String, value: String)] { optionValues }
    public var citation: String? { nil }
    public var laws: [LossLaw] { [] }
    public var lawExceptions: [LawException] { [] }

    /// Says no to a dataset or model that does not fit, in one sentence.
    ///
    /// - Throws: ``LossInputError``.
    public func validate(_ setting: LossSetting) throws {
        try inputs.check(loss: name, setting)
        try check(setting)
    }

    /// The loss of embeddings and labels alone, as a scalar.
    ///
    /// - Parameters:
    ///   - embeddings: `[B, D]` for each text column.
    ///   - labels: As in ``LossBatch``.
    public func value(of embeddings: [Tensor], labels: Tensor? = nil) -> Tensor {
        self(LossBatch(embeddings, labels: labels)).total
    }

    /// Traps where a batch has another number of columns than the loss takes; datasets are checked before training.
    func requireColumns(_ embeddings: [Tensor]) {
        require(
            !embeddings.isEmpty && inputs.accepts(columnCount: embeddings.count),
            "\(name): takes \(inputs.columns.count)"
                + "\(inputs.allowsMoreColumns ? " or more" : "") columns (\(inputs.columns.joined(separator: ", "))), not \(embeddings.count)"
        )
    }

    /// The numbers of a batch's texts among its side inputs, `[C, B]`.
    func textIdentities(_ tensor: Tensor?, of batch: LossBatch) -> TextIdentities? {
        guard let tensor else { return nil }
        require(
            tensor.dtype == .int32 && tensor.shape == [batch.embeddings.count, batch.rowCount],
            "\(name): needs numbers of texts "
                + "int32[\(batch.embeddings.count), \(batch.rowCount)] as side input, not \(tensor.dtype)\(tensor.shape)")
        return TextIdentities(tensor)
    }

    /// The labels, one number a row, in the dtype of the embeddings: `[B]`.
    func scalarLabels(_ labels: Tensor?, for embeddings: [Tensor]) -> Tensor {
        let rows = embeddings[0].shape[0]
        guard let labels, labels.count == rows else {
            refuse("\(name): needs \(rows) labels, not \(labels?.shape.description ?? "none")")
        }
        return labels.reshaped([rows]).cast(to: embeddings[0].dtype).detached()
    }
}
