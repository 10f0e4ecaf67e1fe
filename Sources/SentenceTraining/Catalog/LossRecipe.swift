import Losses
import Training

/// A loss, and apart from it how it is cached.
///
/// Names put caching anywhere, as in `MatryoshkaLoss` around `CachedGISTEmbedLoss`. It means one thing: the whole loss
/// is cached, `Cached(Matryoshka(GISTEmbedLoss))`.
struct LossRecipe {
    /// Without any caching in it.
    private(set) var loss: LossSpecification
    private(set) var caching: Caching?

    /// - Throws: ``LossInputError`` for names, options and nestings that do not exist.
    init(_ written: LossSpecification) throws {
        let (entry, isCached) = try Self.parse(written.name)
        let added = Caching.options(of: entry, isNamed: isCached)
        let name = isCached ? "Cached\(entry.name)" : entry.name
        let options = try LossOptions(
            written.options, of: name, listed: entry.options.isEmpty ? [] : entry.options + added, .init())
        caching = try Caching.requested(for: entry, isNamed: isCached, options)
        var own = written.options
        for option in added { own[option.name] = nil }
        if entry.isModifier, let inner = options["loss"] {
            let recipe = try LossRecipe(LossSpecification(inner))
            guard caching == nil || recipe.caching == nil else {
                throw LossInputError("\(name) is cached already, and so is \(try LossSpecification(inner).name) inside of it; "
                    + "a loss is cached once")
            }
            caching = caching ?? recipe.caching
            own["loss"] = recipe.loss.json
        }
        loss = LossSpecification(entry.name, options: own)
    }

    /// The loss of a name, and whether the name asks for it cached.
    static func parse(_ name: String) throws -> (entry: LossEntry, isCached: Bool) {
        if let entry = LossCatalog.find(name) { return (entry, false) }
        if name.lowercased().hasPrefix("cached"), let entry = LossCatalog.find(String(name.dropFirst(6))) { return (entry, true) }
        if let entry = ObjectiveCatalog.findModelObjective(name) {
            throw LossInputError("\(entry.name) is no function of embeddings alone: it is neither cached nor put into a loss")
        }
        throw LossInputError(noLoss: name, among: ObjectiveCatalog.names)
    }

    func objective(in surroundings: LossOptions.Surroundings) throws -> any SentenceObjective {
        let loss = try LossCatalog.loss(loss, surroundings: surroundings)
        guard let caching else { return LossObjective(loss) }
        return Cached(loss, miniBatchSize: caching.miniBatchSize, miniBatchTokens: caching.miniBatchTokens)
    }
}
