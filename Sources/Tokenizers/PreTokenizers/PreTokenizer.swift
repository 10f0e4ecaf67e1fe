/// Splits normalized text into words, which the model then splits into tokens: the `pre_tokenizer` of `tokenizer.json`.
protocol PreTokenizer: Sendable {
    /// Cuts each word of a text, and may write it anew.
    func split(_ text: inout SplitText)

    /// Whether it treats the word that begins an input otherwise.
    var asksForStart: Bool { get }
}

extension PreTokenizer {
    var asksForStart: Bool { false }
}

/// Several pre-tokenizers, each on the words of the one before.
struct PreTokenizerSequence: PreTokenizer {
    private let parts: [any PreTokenizer]

    init(_ node: Node) throws {
        parts = try TokenizerComponents.list(node, "pretokenizers", TokenizerComponents.preTokenizer)
    }

    func split(_ text: inout SplitText) {
        for part in parts { part.split(&text) }
    }

    var asksForStart: Bool { parts.contains { $0.asksForStart } }
}
