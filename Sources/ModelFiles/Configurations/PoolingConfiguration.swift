import JSON

/// `config.json` of a Pooling module, in the keys of version 6 or in the older flags.
public struct PoolingConfiguration: ModelConfiguration {
    public static let fileName = "config.json"
    public static let style = JSONStyle(indentation: 4, sortsKeys: false)

    /// The width of a token embedding.
    public var embeddingDimension: Int
    /// The pooled vectors in the order in which they are concatenated; at least one.
    public var modes: [PoolingMode]
    /// Whether the tokens of a prompt take part.
    public var includesPrompt: Bool
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys = JSONObject()

    /// The width of the sentence embedding.
    public var outputDimension: Int { modes.count * embeddingDimension }

    /// A configuration of these values.
    public init(embeddingDimension: Int, modes: [PoolingMode] = [.mean], includesPrompt: Bool = true) {
        self.embeddingDimension = embeddingDimension
        self.modes = modes
        self.includesPrompt = includesPrompt
    }

    public init(from fields: inout JSONFields) throws {
        let old = try fields.integer("word_embedding_dimension", in: 1...Int(Int32.max))
        let new = try fields.integer("embedding_dimension", in: 1...Int(Int32.max))
        if let old, let new, old != new {
            throw fields.error("embedding_dimension", "it is \(new), but word_embedding_dimension is \(old)")
        }
        embeddingDimension = try fields.required("embedding_dimension", new ?? old, "an integer")
        // The flags are taken even if pooling_mode rules, so that they are not written back beside it.
        let flagged = try PoolingMode.allCases.filter { try fields.bool($0.legacyKey) ?? false }
        modes = try Self.modes(from: &fields) ?? (flagged.isEmpty ? [.mean] : flagged)
        includesPrompt = try fields.bool("include_prompt") ?? true
        unknownKeys = fields.rest
    }

    private static func modes(from fields: inout JSONFields) throws -> [PoolingMode]? {
        let key = "pooling_mode"
        let names: [JSONValue]
        switch fields.take(key) {
        case nil: return nil
        case .array(let values)?: names = values
        case let value?: names = [value]
        }
        let known = PoolingMode.allCases.map(\.rawValue).joined(separator: ", ")
        guard !names.isEmpty else { throw fields.error(key, "the list is empty; possible are \(known)") }
        return try names.map { value in
            guard case .string(let name) = value, let mode = PoolingMode(rawValue: name) else {
                throw fields.error(key, "it holds \(value.kindName); possible are \(known)", kind: .unsupported)
            }
            return mode
        }
    }

    /// The old flags know only one order of concatenation; modes in another one are written the new way.
    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject
        if style == .legacy, modes == PoolingMode.allCases.filter(modes.contains) {
            object = ["word_embedding_dimension": .integer(embeddingDimension)]
            for mode in PoolingMode.allCases { object[mode.legacyKey] = .bool(modes.contains(mode)) }
        } else {
            let names = modes.map { JSONValue.string($0.rawValue) }
            object = [
                "embedding_dimension": .integer(embeddingDimension),
                "pooling_mode": names.count == 1 ? names[0] : .array(names),
            ]
        }
        object["include_prompt"] = .bool(includesPrompt)
        object.fill(from: unknownKeys)
        return object
    }
}
