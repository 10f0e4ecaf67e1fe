import JSON
import Synchronization

/// The losses that can be chosen by name, as the command line does.
///
/// A loss of one's own needs no entry to be used from Swift; one line makes it known by name:
///
/// ```swift
/// LossCatalog.register(LossEntry("DecoupledContrastiveLoss") { options in
///     DecoupledContrastiveLoss(temperature: try options.number("temperature", default: 0.1))
/// })
/// ```
public enum LossCatalog {
    private static let registered = Mutex<[LossEntry]>([])

    /// Makes a loss known by its name; a second one of the same name takes the first one's place.
    public static func register(_ entry: LossEntry) {
        registered.withLock { entries in
            entries.removeAll { $0.name == entry.name }
            entries.append(entry)
        }
    }

    /// This library's losses of embeddings.
    public static let builtIn = ranking + pairs + classification + triplets + distillation + regularization + modifiers

    /// All losses of embeddings by their names: this library's, then those that were registered.
    public static var entries: [LossEntry] {
        let own = registered.withLock { $0 }
        return builtIn.filter { entry in !own.contains { $0.name == entry.name } } + own
    }

    public static var names: [String] { entries.map(\.name) }

    /// The loss of this name, whatever its case.
    public static func find(_ name: String) -> LossEntry? { entries.first { $0.name.lowercased() == name.lowercased() } }

    /// - Throws: ``LossInputError`` that names the nearest loss there is.
    public static func entry(named name: String) throws -> LossEntry {
        guard let entry = find(name) else { throw LossInputError(noLoss: name, among: names) }
        return entry
    }

    /// A loss by its name, with options by the reference's names.
    ///
    /// - Parameter surroundings: What some options need, such as the width of the model's embeddings.
    /// - Throws: ``LossInputError`` for a name, an option or a value that does not exist.
    public static func loss(
        named name: String, options: JSONObject = JSONObject(), surroundings: LossOptions.Surroundings = .init()
    ) throws -> any Loss {
        try loss(LossSpecification(name, options: options), surroundings: surroundings)
    }

    public static func loss(
        _ specification: LossSpecification, surroundings: LossOptions.Surroundings = .init()
    ) throws -> any Loss {
        try entry(named: specification.name).loss(specification.options, surroundings)
    }
}

extension LossInputError {
    /// A name that nothing has.
    public init(noLoss name: String, among names: [String]) {
        self.init("there is no loss named \(name); did you mean \(nearest(to: name, among: names))? "
            + "There are \(names.joined(separator: ", "))")
    }
}
