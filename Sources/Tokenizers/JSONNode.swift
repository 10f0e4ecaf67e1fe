import JSON

/// A JSON value that knows its file and key, so that whoever asks it for the wrong thing is told where.
struct JSONNode: Sendable {
    let value: JSONValue
    let file: String
    let path: String

    init(_ value: JSONValue, file: String, path: String = "") {
        self.value = value
        self.file = file
        self.path = path
    }

    func error(_ problem: String) -> TokenizerError {
        TokenizerError(file: file, key: path.isEmpty ? nil : path, problem: problem)
    }

    private func wrongType(_ expected: String) -> TokenizerError {
        error("expected \(expected), found \(value.kindName)")
    }

    var isNull: Bool {
        if case .null = value { true } else { false }
    }

    func object() throws -> JSONObject {
        guard case .object(let object) = value else { throw wrongType("an object") }
        return object
    }

    /// The member named `key`, or `nil`.
    func member(_ key: String) throws -> JSONNode? {
        let child = path.isEmpty ? key : "\(path).\(key)"
        return try object()[key].map { JSONNode($0, file: file, path: child) }
    }

    /// The member named `key`, or `nil` where it is absent or null.
    func present(_ key: String) throws -> JSONNode? {
        guard let member = try member(key), !member.isNull else { return nil }
        return member
    }

    func required(_ key: String) throws -> JSONNode {
        guard let member = try member(key) else { throw error("the key \"\(key)\" is missing") }
        return member
    }

    func elements() throws -> [JSONNode] {
        guard case .array(let elements) = value else { throw wrongType("a list") }
        return elements.enumerated().map { JSONNode($1, file: file, path: "\(path)[\($0)]") }
    }

    func string() throws -> String {
        guard case .string(let text) = value else { throw wrongType("a string") }
        return text
    }

    func bool() throws -> Bool {
        guard case .bool(let value) = value else { throw wrongType("true or false") }
        return value
    }

    func integer() throws -> Int {
        guard case .integer(let value) = value else { throw wrongType("an integer") }
        return value
    }

    /// - Throws: When the integer is not in the range of token ids.
    func tokenID() throws -> Int32 {
        let id = try integer()
        guard Vocabulary.allowedIDs.contains(id) else {
            throw error("id \(id) is out of range, ids are \(Vocabulary.allowedIDs)")
        }
        return Int32(id)
    }

    /// The name of a component's kind, its `type`.
    func type() throws -> String {
        try required("type").string()
    }

    /// What to throw for a component of a kind that is not read.
    func unsupported(_ type: String, supported: [String]) -> TokenizerError {
        error("type \"\(type)\" is not supported, supported are \(supported.joined(separator: ", "))")
    }
}
