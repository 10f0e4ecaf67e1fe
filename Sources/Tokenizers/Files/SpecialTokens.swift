/// The tokens that play a part, as `tokenizer_config.json` and `special_tokens_map.json` name them.
struct SpecialTokens: Sendable {
    var beginning: String?
    var end: String?
    var unknown: String?
    var separator: String?
    var padding: String?
    var classifier: String?
    var mask: String?

    static let bert = SpecialTokens(
        unknown: "[UNK]", separator: "[SEP]", padding: "[PAD]", classifier: "[CLS]", mask: "[MASK]")
    static let roberta = SpecialTokens(
        beginning: "<s>", end: "</s>", unknown: "<unk>", separator: "</s>", padding: "<pad>", classifier: "<s>", mask: "<mask>")
    static let gpt2 = SpecialTokens(beginning: "<|endoftext|>", end: "<|endoftext|>", unknown: "<|endoftext|>")
    static let clip = SpecialTokens(
        beginning: "<|startoftext|>", end: "<|endoftext|>", unknown: "<|endoftext|>", padding: "<|endoftext|>")

    /// Keys in the files, in the order in which the reference adds tokens that are missing.
    static var keys: [(name: String, path: WritableKeyPath<SpecialTokens, String?>)] {
        [
            ("bos_token", \.beginning), ("eos_token", \.end), ("unk_token", \.unknown), ("sep_token", \.separator),
            ("pad_token", \.padding), ("cls_token", \.classifier), ("mask_token", \.mask),
        ]
    }

    /// Takes what is missing from others.
    mutating func fill(from others: SpecialTokens) {
        for (_, path) in Self.keys where self[keyPath: path] == nil { self[keyPath: path] = others[keyPath: path] }
    }
}
