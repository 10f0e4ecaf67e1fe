import JSON

/// A token that is found in the text before anything else is done: `added_tokens` of `tokenizer.json`.
struct AddedToken: Sendable {
    private(set) var id: Int32
    let content: String
    /// Only where no letter, digit or mark is next to it.
    var mustBeWord = false
    /// Takes the white space before, or after, with it.
    var stripsLeft = false
    var stripsRight = false
    /// Looked for in the normalized text, itself normalized.
    var isNormalized = false
    /// Left out by `decode(_:skippingSpecialTokens:)`.
    var isSpecial = true

    init(id: Int32, content: String) {
        self.id = id
        self.content = content
    }

    /// From an element of `added_tokens`, which has its id, or of `added_tokens_decoder`, whose key is the id.
    init(_ node: Node, id: Int32? = nil) throws {
        let content = try node.required("content")
        self.init(id: try id ?? node.required("id").tokenID(), content: try content.string())
        guard !self.content.isEmpty else { throw content.error("the token is empty") }
        mustBeWord = try node.member("single_word")?.bool() ?? false
        stripsLeft = try node.member("lstrip")?.bool() ?? false
        stripsRight = try node.member("rstrip")?.bool() ?? false
        isSpecial = try node.member("special")?.bool() ?? false
        isNormalized = try node.member("normalized")?.bool() ?? !isSpecial
    }

    func with(id: Int32) -> AddedToken {
        var token = self
        token.id = id
        return token
    }

    /// Whether it is found just where it stands.
    var isPlain: Bool { !mustBeWord && !stripsLeft && !stripsRight && !isNormalized }

    var properties: JSONObject {
        [
            "content": .string(content), "single_word": .bool(mustBeWord), "lstrip": .bool(stripsLeft),
            "rstrip": .bool(stripsRight), "normalized": .bool(isNormalized),
        ]
    }

    /// An element of `added_tokens`.
    var json: JSONValue {
        .object(JSONObject(members: [("id", .integer(Int(id)))] + properties.members + [("special", .bool(isSpecial))]))
    }
}
