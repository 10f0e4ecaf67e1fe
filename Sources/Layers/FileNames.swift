/// The names that files have for the parts of a module, where those differ from the properties' names.
///
/// A key is a name or several of a path, such as `attention.query`; wherever these stand in a path, files have the value
/// instead. What begins first is replaced first, and of several keys the one of the most names.
///
/// ```swift
/// let names: FileNames = ["layers": "encoder.layer", "attention.query": "attention.self.query"]
/// names("layers.0.attention.query.weight")     // "encoder.layer.0.attention.self.query.weight"
/// ```
public struct FileNames: Sendable, ExpressibleByDictionaryLiteral {
    private let replacements: [String: String]
    private let longest: Int

    /// Names of properties, and what files call them.
    public init(_ replacements: [String: String]) {
        self.replacements = replacements
        longest = replacements.keys.map { $0.split(separator: ".").count }.max() ?? 0
    }

    public init(dictionaryLiteral elements: (String, String)...) { self.init(Dictionary(uniqueKeysWithValues: elements)) }

    /// These names and others, which go before where both have a key.
    public func merging(_ others: FileNames) -> FileNames {
        FileNames(replacements.merging(others.replacements) { $1 })
    }

    /// What files call a path.
    public func callAsFunction(_ path: String) -> String {
        var rest = path.split(separator: ".")[...]
        var found: [String] = []
        while let first = rest.first {
            let match =
                (1...max(1, longest)).lazy.reversed().compactMap { count in
                    replacements[rest.prefix(count).joined(separator: ".")].map { ($0, min(count, rest.count)) }
                }.first ?? (String(first), 1)
            found.append(match.0)
            rest = rest.dropFirst(match.1)
        }
        return found.joined(separator: ".")
    }
}
