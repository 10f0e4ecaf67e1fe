import Layers
import Losses
import SentenceEmbeddings
import Tables
import Training

/// An objective over a sentence encoder.
///
/// Every `Loss` is one by ``LossObjective``. Only what is no function of embeddings (a decoder, a second encoder) is an
/// objective of its own.
public protocol SentenceObjective: Objective where Model == SentenceTransformer {
    /// Which columns and labels it takes.
    var inputs: LossInputs { get }
    /// What it is excused from of the laws that `checkLaws(of:)` knows.
    var lawExceptions: [LawException] { get }

    /// Says no, before training starts, to what it cannot be trained on.
    ///
    /// - Throws: `LossInputError`.
    func check(_ setting: LossSetting) throws
}

extension SentenceObjective {
    public var lawExceptions: [LawException] { [] }
    public var minimumRows: Int { inputs.minimumRows }
    public func check(_ setting: LossSetting) throws { try inputs.check(loss: name, setting) }

    /// Checks texts, labels and columns by what `inputs` says.
    public func check(_ dataset: Dataset, for model: SentenceTransformer) throws {
        try dataset.requireTexts(for: name)
        // These name the row.
        if dataset.labels != nil {
            switch inputs.labels {
            case .scoresWithin(let range): try dataset.requireLabels(in: range, for: name)
            case .classesOrProbabilities(let count): try dataset.requireClasses(below: count, for: name)
            default: break
            }
        }
        let setting = LossSetting(dataset, model)
        do {
            try inputs.check(loss: name, setting)
        } catch {
            // Cached ones fit wherever the loss itself does.
            let fitting = ObjectiveCatalog.entries(fitting: [setting]).map(\.name).filter { !$0.hasPrefix("Cached") }
            throw LossInputError(fitting.isEmpty ? "\(error)" : "\(error). Losses that fit: \(fitting.joined(separator: ", "))")
        }
        try check(setting)
    }
}

extension SentenceObjective {
    /// Where names of columns usually stand; only the order counts for a loss.
    private static var usualPlaces: [String: Int] {
        [
            "anchor": 0, "query": 0, "question": 0, "sentence1": 0, "positive": 1, "answer": 1, "response": 1, "sentence2": 1,
            "entailment": 1, "negative": 2, "contradiction": 2,
        ]
    }

    /// Tells of columns that stand elsewhere than their names say, of numbers in the place of texts, and of a label that the loss
    /// does not use.
    public func warnings(about dataset: Dataset) -> [String] {
        guard inputs.labels == .none, let label = dataset.labels else { return warningsAboutColumns(of: dataset) }
        return warningsAboutColumns(of: dataset) + ["\(name) uses no labels; the column \"\(label.name)\" has no part in the training"]
    }

    private func warningsAboutColumns(of dataset: Dataset) -> [String] {
        let remarks = dataset.columns.enumerated().compactMap { place, column -> String? in
            let role = inputs.columns[min(place, inputs.columns.count - 1)]
            let usual = Self.usualPlaces[column.name.lowercased()] ?? place
            if column.kind != .texts { return "\"\(column.name)\", which holds numbers only, is taken as \(role)" }
            return usual == place ? nil : "\"\(column.name)\", usually column \(usual + 1), is taken as \(role)"
        }
        guard !remarks.isEmpty else { return [] }
        return [
            "\(name) takes columns in their order: \(remarks.joined(separator: "; ")). Choose and order them by --columns, "
                + "or selecting(inputs:label:)"
        ]
    }
}

/// An objective that is a loss of the batch's embeddings, however it comes by them.
public protocol EmbeddingObjective: SentenceObjective {
    /// The loss of the embeddings.
    var loss: any Loss { get }
}

extension EmbeddingObjective {
    public var name: String { loss.name }
    public var inputs: LossInputs { loss.inputs }
    public var configuration: [(key: String, value: String)] { loss.configuration }
    public var citation: String? { loss.citation }
    public var parameters: [NamedParameter] { loss.parameters }
    public var lawExceptions: [LawException] { loss.lawExceptions }
    public func canTeach(labels: [Double]) -> Bool { loss.canTeach(labels: labels) }
    public func check(_ setting: LossSetting) throws { try loss.validate(setting) }
}

/// An objective that works through its batch in parts; how large they are changes nothing but memory.
public protocol MiniBatchedObjective: SentenceObjective {
    /// The same objective with other parts.
    ///
    /// - Parameters:
    ///   - miniBatchSize: Sequences of a mini-batch.
    ///   - miniBatchTokens: Tokens in a part, in place of a number of sequences.
    func replacing(miniBatchSize: Int, miniBatchTokens: Int?) -> Self
}
