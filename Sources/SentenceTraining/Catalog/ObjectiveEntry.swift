import JSON
import Losses
import Options
import SentenceEmbeddings
import Tables
import Training

/// What the trainer can be asked for by name, as people look it up.
public struct ObjectiveEntry: Sendable {
    /// What files and commands call it.
    public let name: String
    /// One sentence.
    public let summary: String
    /// In plain text, of one or a few lines.
    public let formula: String
    /// What it can be told.
    public let options: [OptionSummary]
    /// Columns and labels; nil where they depend on its options, as on the loss inside.
    public let inputs: LossInputs?
    /// Whether it is put around another loss.
    public let isModifier: Bool
    /// BibTeX of the paper it comes from.
    public let citation: String?
    private let check: @Sendable (LossSetting) throws -> Void
    /// Without a model, only the options are checked.
    private let make: @Sendable (LossSpecification, LossSurroundings, SentenceTransformer?) throws -> (any SentenceObjective)?
    private let makeLoss: @Sendable (LossSpecification, LossSurroundings) throws -> any Loss

    /// An objective that is no function of the model's embeddings alone, and is made with the model that it trains.
    ///
    /// - Parameters:
    ///   - name: What files and commands call it.
    ///   - summary: In one sentence.
    ///   - formula: In plain text.
    ///   - inputs: Which columns and labels it takes.
    ///   - citation: BibTeX of its paper.
    ///   - settings: What it can be told, with its defaults.
    ///   - ofEmbeddings: What it is a function of embeddings by several encoders, if it is one: for calculating by hand.
    ///   - make: Throws `LossInputError` for values that cannot be.
    public init<Settings: Configurable & Sendable>(
        _ name: String, summary: String, formula: String, inputs: LossInputs, citation: String? = nil,
        settings: Settings, ofEmbeddings: (@Sendable (Settings) -> any Loss)? = nil,
        make: @escaping @Sendable (Settings, SentenceTransformer) throws -> any SentenceObjective
    ) {
        (self.name, self.summary, self.formula, self.inputs, self.citation) = (name, summary, formula, inputs, citation)
        (options, isModifier) = (settings.optionSummaries, false)
        check = { try inputs.check(loss: name, $0) }
        @Sendable func told(_ specification: LossSpecification) throws -> Settings {
            var settings = settings
            try settings.setOptions(specification.effectiveOptions, of: name)
            return settings
        }
        self.make = { specification, _, model in
            let settings = try told(specification)
            return try model.map { try make(settings, $0) }
        }
        makeLoss = { specification, _ in
            guard let ofEmbeddings else {
                throw LossInputError(
                    "\(name) is no function of embeddings: it works on the tokens of texts, and is calculated by "
                        + "training with it")
            }
            return try ofEmbeddings(told(specification))
        }
    }

    /// One that cannot be told anything.
    public init(
        _ name: String, summary: String, formula: String, inputs: LossInputs, citation: String? = nil,
        ofEmbeddings: (@Sendable () -> any Loss)? = nil, make: @escaping @Sendable (SentenceTransformer) throws -> any SentenceObjective
    ) {
        self.init(
            name, summary: summary, formula: formula, inputs: inputs, citation: citation, settings: NoSettings(),
            ofEmbeddings: ofEmbeddings.map { make in { _ in make() } }
        ) { try make($1) }
    }

    /// A loss of embeddings with its defaults.
    init(_ loss: any Loss, cached: Bool = false) {
        name = (cached ? "Cached" : "") + loss.name
        summary = cached ? "\(loss.name) on batches of any size, at the memory of a mini-batch." : loss.summary
        formula = loss.formula
        options = loss.allOptionSummaries + (Caching(of: loss, isNamed: cached)?.optionSummaries ?? [])
        isModifier = loss is any LossModifier
        inputs = isModifier ? nil : loss.inputs
        citation = cached ? Cached(loss).citation : loss.citation
        check = { try loss.completed(in: .init($0)).validate($0) }
        make = { specification, surroundings, _ in try LossRecipe(specification, in: surroundings).objective }
        makeLoss = { try LossRecipe($0, in: $1).loss }
    }

    /// Whether it can be trained on such columns and labels.
    public func fits(_ setting: LossSetting) -> Bool {
        guard inputs != nil else { return false }
        do {
            try check(setting)
            return true
        } catch {
            return false
        }
    }

    /// - Parameters:
    ///   - model: What will be trained; nil: only the options are checked.
    ///   - dataset: It gives the number of classes, where the options do not.
    /// - Throws: `LossInputError` for options that cannot be.
    func objective(
        _ specification: LossSpecification, model: SentenceTransformer?, dataset: Dataset? = nil
    ) throws -> (any SentenceObjective)? {
        try make(specification, model.map { LossSurroundings($0, dataset) } ?? .example, model)
    }

    /// - Throws: `LossInputError` for options that cannot be, and where there is no function of embeddings.
    func loss(_ specification: LossSpecification, surroundings: LossSurroundings) throws -> any Loss {
        try makeLoss(specification, surroundings)
    }
}

extension LossSurroundings {
    /// For a loss that is made to see whether it fits.
    fileprivate init(_ setting: LossSetting) {
        self = .example
        embeddingDimension = setting.embeddingDimension
        let count =
            setting.labels.map { labels in
                labels.shape.last ?? Int(min(max(labels.range.upperBound.rounded(.down), 1), 1e6)) + 1
            } ?? 2
        classCount = { _ in count }
    }
}

private struct NoSettings: Configurable {
    var options: [OptionRow<Self>] { [] }
}
