import JSON
import Losses
import Options

/// A loss, and apart from it how it is cached.
///
/// Names put caching anywhere, as in `MatryoshkaLoss` around `CachedGISTEmbedLoss`. It means one thing: the whole loss
/// is cached, `Cached(Matryoshka(GISTEmbedLoss))`.
struct LossRecipe {
    /// Without any caching in it.
    let loss: LossSpecification
    let caching: Caching?

    /// - Throws: ``LossInputError`` for names, options and nestings that do not exist.
    init(_ written: LossSpecification) throws {
        let (found, isCached) = try Self.parse(written.name)
        let name = isCached ? "Cached\(found.name)" : found.name
        var (own, forCaching) = (written.effectiveOptions, JSONObject())
        var caching = Caching(of: found, isNamed: isCached)
        let added = caching?.options.map(\.key) ?? []
        try LossInputError.rethrowing {
            try OptionError.check(own.keys, among: found.allOptionSummaries.map(\.key) + added, of: name)
            for key in added { (forCaching[key], own[key]) = (own[key], nil) }
            try caching?.setOptions(forCaching, of: name)
        }
        if caching?.isUsed == false { caching = nil }
        if found is any LossModifier, let inner = own["loss"], inner != .null {
            let recipe = try LossRecipe(LossSpecification(inner))
            guard caching == nil || recipe.caching == nil else {
                throw LossInputError("\(name) is cached already, and so is \(try LossSpecification(inner).name) inside of it; "
                    + "a loss is cached once")
            }
            caching = caching ?? recipe.caching
            own["loss"] = recipe.loss.json
        }
        self.caching = caching
        loss = LossSpecification(found.name, options: own)
    }

    /// The loss of a name with its defaults, and whether the name asks for it cached.
    static func parse(_ name: String) throws -> (loss: any Loss, isCached: Bool) {
        if let loss = LossCatalog.find(name) { return (loss, false) }
        if name.lowercased().hasPrefix("cached"), let loss = LossCatalog.find(String(name.dropFirst(6))) { return (loss, true) }
        if let entry = ObjectiveCatalog.findModelObjective(name) {
            throw LossInputError("\(entry.name) is no function of embeddings alone: it is neither cached nor put into a loss")
        }
        throw LossInputError(noLoss: name, among: ObjectiveCatalog.names)
    }

    func objective(in surroundings: LossSurroundings) throws -> any SentenceObjective {
        let loss = try LossCatalog.loss(loss, surroundings: surroundings)
        guard var cached = caching?.cached else { return LossObjective(loss) }
        cached.loss = loss
        return cached
    }
}
