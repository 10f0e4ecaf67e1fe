import Losses
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// Everything that can be trained by name: losses of embeddings, any of them cached, and what needs the model itself.
///
/// ```swift
/// let loss = LossSpecification("CachedMultipleNegativesRankingLoss", options: ["scale": 30, "mini_batch_size": 64])
/// let trainer = try Trainer(model, objective: ObjectiveCatalog.objective(loss, model: model, dataset: train), dataset: train)
/// ```
public enum ObjectiveCatalog {
    /// Objectives that are no functions of embeddings.
    private static let modelObjectives: [ObjectiveEntry] = [
        .contrastiveTension,
        .contrastiveTensionInBatchNegatives,
        .denoisingAutoEncoder,
    ]
    private static let registered = Locked<[ObjectiveEntry]>([])

    /// Losses whose cached form is known by a name of its own; any other can be cached by its name as well.
    private static let knownCached = ["MultipleNegativesRankingLoss", "MultipleNegativesSymmetricRankingLoss", "GISTEmbedLoss"]

    /// Makes an objective known by its name; a second one of the same name takes the first one's place. A loss of
    /// embeddings is registered with `LossCatalog`.
    public static func register(_ entry: ObjectiveEntry) {
        registered.withLock { entries in
            entries.removeAll { $0.name == entry.name }
            entries.append(entry)
        }
    }

    private static var ownEntries: [ObjectiveEntry] {
        let own = registered.withLock { $0 }
        return modelObjectives.filter { entry in !own.contains { $0.name == entry.name } } + own
    }

    /// All that have a name of their own.
    public static var entries: [ObjectiveEntry] { entries(of: LossCatalog.losses) + ownEntries }

    /// This library's.
    public static var builtIn: [ObjectiveEntry] { entries(of: LossCatalog.builtIn) + modelObjectives }

    private static func entries(of losses: [any Loss]) -> [ObjectiveEntry] {
        losses.map { ObjectiveEntry($0) } + losses.filter { knownCached.contains($0.name) }.map { ObjectiveEntry($0, cached: true) }
    }

    /// The names of all objectives.
    public static var names: [String] { entries.map(\.name) }

    /// - Throws: `LossInputError` that names the nearest there is.
    public static func entry(named name: String) throws -> ObjectiveEntry {
        if let entry = findModelObjective(name) { return entry }
        let (loss, isCached) = try LossRecipe.parse(name)
        return ObjectiveEntry(loss, cached: isCached)
    }

    static func findModelObjective(_ name: String) -> ObjectiveEntry? {
        ownEntries.first { $0.name.lowercased() == name.lowercased() }
    }

    /// An objective by name, with options by the reference's names.
    ///
    /// - Parameters:
    ///   - specification: A loss or objective by name, with its options.
    ///   - model: What will be trained; it gives the width of the embeddings.
    ///   - dataset: It gives the number of classes, where the options do not.
    /// - Throws: `LossInputError` for a name, an option, a value or a nesting that does not exist.
    public static func objective(
        _ specification: LossSpecification, model: SentenceTransformer, dataset: Dataset? = nil
    ) throws -> any SentenceObjective {
        try entry(named: specification.name).objective(specification, model: model, dataset: dataset)!
    }

    /// The loss alone, where there is one: a function of embeddings, by several encoders where it has them, without its
    /// caching.
    ///
    /// - Throws: `LossInputError` also for an objective that is none.
    public static func loss(
        _ specification: LossSpecification, surroundings: LossSurroundings
    ) throws -> any Loss {
        try entry(named: specification.name).loss(specification, surroundings: surroundings)
    }

    /// Says no to a name, option or value that does not exist, before any file is read.
    ///
    /// - Throws: `LossInputError`.
    public static func check(_ specification: LossSpecification) throws {
        _ = try entry(named: specification.name).objective(specification, model: nil)
    }

    /// Those that can be trained on such columns and labels: first those that use the labels, if there are any.
    ///
    /// - Parameter settings: Several where labels may be of several kinds.
    public static func entries(fitting settings: [LossSetting]) -> [ObjectiveEntry] {
        let fitting = entries.filter { settings.contains(where: $0.fits) }
        guard settings.contains(where: { $0.labels != nil }) else { return fitting }
        func usesLabels(_ entry: ObjectiveEntry) -> Bool { entry.inputs?.labels != LossInputs.Labels.none }
        return fitting.filter(usesLabels) + fitting.filter { !usesLabels($0) }
    }
}

extension LossSurroundings {
    /// A model and the data that it will be trained on.
    public init(_ model: SentenceTransformer, _ dataset: Dataset?) {
        self.init(embeddingDimension: model.embeddingDimension, classCount: { try dataset?.classCount(for: $0) }) { path in
            guard let path else { throw LossInputError("the option guide is missing: the folder of the model that guides") }
            return try SentenceTransformer(path)
        }
    }
}

extension Dataset {
    /// One more than the largest label, where labels number classes; the length of lists.
    fileprivate func classCount(for purpose: String) throws -> Int? {
        guard let labels else { return nil }
        if let length = labels.rowShape.last { return length }
        try requireClasses(below: nil, for: purpose)
        return labels.values.max().map { Int($0) + 1 }
    }
}
