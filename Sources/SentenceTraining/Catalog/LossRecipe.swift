import JSON
import Losses
import Options

/// A loss, and apart from it how it is cached.
///
/// Names put caching anywhere, as in `MatryoshkaLoss` around `CachedGISTEmbedLoss`. It means one thing: the whole loss
/// is cached, `Cached(Matryoshka(GISTEmbedLoss))`.
struct LossRecipe {
    /// Without any caching in it.
    let loss: any Loss
    /// What it is put into; nil where nothing is cached.
    private let cached: Cached?

    /// - Throws: `LossInputError` for names, options and nestings that do not exist.
    init(_ written: LossSpecification, in surroundings: LossSurroundings) throws {
        let (found, isCached) = try Self.parse(written.name)
        let name = isCached ? "Cached\(found.name)" : found.name
        var (own, ofCaching) = (written.effectiveOptions, JSONObject())
        var caching = Caching(of: found, isNamed: isCached)
        let keys = caching?.options.map(\.key) ?? []
        try OptionError.check(own.keys, among: found.allOptionSummaries.map(\.key) + keys, of: name)
        for key in keys { (ofCaching[key], own[key]) = (own[key], nil) }
        try caching?.setOptions(ofCaching, of: name)
        var cached = caching?.cachedIfWanted
        loss = try found.setting(own, in: surroundings) { written in
            let inner = try LossRecipe(written, in: surroundings)
            guard cached == nil || inner.cached == nil else {
                throw LossInputError("\(name) is cached already, and so is \(written.name) inside of it; a loss is cached once")
            }
            cached = cached ?? inner.cached
            return inner.loss
        }
        self.cached = cached
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

    var objective: any SentenceObjective {
        guard var cached else { return LossObjective(loss) }
        cached.loss = loss
        return cached
    }
}
