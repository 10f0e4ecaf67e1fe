import JSON

/// The tokens that play a part, as `tokenizer_config.json` and `special_tokens_map.json` name them.
struct SpecialTokens: Sendable {
    var unknown: String?
    var separator: String?
    var padding: String?
    var classifier: String?
    var mask: String?

    static let bert = SpecialTokens(
        unknown: "[UNK]", separator: "[SEP]", padding: "[PAD]", classifier: "[CLS]", mask: "[MASK]")

    /// Keys in the files, in the order in which the reference adds tokens that are missing.
    static var keys: [(name: String, path: WritableKeyPath<SpecialTokens, String?>)] {
        [
            ("unk_token", \.unknown), ("sep_token", \.separator), ("pad_token", \.padding),
            ("cls_token", \.classifier), ("mask_token", \.mask),
        ]
    }

    /// Those set, as members of a JSON object.
    var members: [(key: String, value: JSONValue)] {
        Self.keys.compactMap { key in self[keyPath: key.path].map { (key.name, .string($0)) } }
    }
}
