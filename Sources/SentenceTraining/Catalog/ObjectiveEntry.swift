import JSON
import Losses
import SentenceEmbeddings
import Training

/// What the trainer can be asked for by name, as people look it up.
public struct ObjectiveEntry: Sendable {
    public let name: String
    /// One sentence.
    public let summary: String
    /// In plain text, of one or a few lines.
    public let formula: String
    public let options: [LossEntry.Option]
    /// Columns and labels; nil where they depend on its options, as on the loss inside.
    public let inputs: LossInputs?
    /// Whether it is put around another loss.
    public let isModifier: Bool
    /// BibTeX of the paper it comes from.
    public let citation: String?
    private let check: @Sendable (LossSetting) throws -> Void
    private let makeObjective: @Sendable (LossSpecification, LossOptions.Surroundings, SentenceTransformer) throws -> any SentenceObjective

    /// An objective that is no function of embeddings, and is made with the model that it trains.
    ///
    /// - Parameter make: Throws ``LossInputError`` for values that cannot be.
    public init(
        _ name: String, summary: String, formula: String, options: [LossEntry.Option] = [], inputs: LossInputs,
        citation: String? = nil,
        make: @escaping @Sendable (LossOptions, SentenceTransformer) throws -> any SentenceObjective
    ) {
        self.name = name
        self.summary = summary
        self.formula = formula
        self.options = options
        self.inputs = inputs
        self.citation = citation
        isModifier = false
        check = { try inputs.check(loss: name, $0) }
        makeObjective = { specification, surroundings, model in
            let options = try LossOptions(specification.options, of: name, listed: options, surroundings)
            let objective = try make(options, model)
            try options.checkAllAreKnown()
            return objective
        }
    }

    /// A loss of embeddings.
    init(_ entry: LossEntry, cached: Bool = false) {
        name = (cached ? "Cached" : "") + entry.name
        summary = cached ? "\(entry.name) on batches of any size, at the memory of a mini-batch." : entry.summary
        formula = entry.formula
        options = entry.options + Caching.options(of: entry, isNamed: cached)
        // One that cannot be made without options has no inputs to be told before.
        let example = try? entry.exampleLoss()
        inputs = entry.isModifier ? nil : example?.inputs
        isModifier = entry.isModifier
        citation = example.flatMap { cached ? Cached($0).citation : $0.citation }
        check = { setting in
            try entry.exampleLoss(in: .init(setting)).validate(setting)
        }
        makeObjective = { specification, surroundings, _ in try LossRecipe(specification).objective(in: surroundings) }
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

    /// - Throws: ``LossInputError`` for an option that is not listed.
    func checkOptions(_ options: JSONObject) throws {
        _ = try LossOptions(options, of: name, listed: self.options, .init())
    }

    func objective(
        _ specification: LossSpecification, _ surroundings: LossOptions.Surroundings, _ model: SentenceTransformer
    ) throws -> any SentenceObjective {
        try makeObjective(specification, surroundings, model)
    }
}

extension LossOptions.Surroundings {
    /// For a loss that is made to see whether it fits.
    fileprivate init(_ setting: LossSetting) {
        self = .example
        embeddingDimension = setting.embeddingDimension
        classCount = setting.labels.map { labels in
            labels.shape.last ?? Int(min(max(labels.range.upperBound.rounded(.down), 1), 1e6)) + 1
        } ?? 2
    }
}
