/// Makes tokens a text again: the `decoder` of `tokenizer.json`.
protocol TokenDecoder: Sendable {
    /// The parts of the text, which only have to be set side by side: as many as tokens, or fewer.
    func decode(_ tokens: [String]) -> [String]
}

/// Several decoders, each on the parts of the one before.
struct DecoderSequence: TokenDecoder {
    private let parts: [any TokenDecoder]

    init(_ node: Node) throws {
        parts = try TokenizerComponents.list(node, "decoders", TokenizerComponents.decoder)
    }

    func decode(_ tokens: [String]) -> [String] {
        parts.reduce(tokens) { $1.decode($0) }
    }
}

/// All parts as one.
struct Fuse: TokenDecoder {
    func decode(_ tokens: [String]) -> [String] { [tokens.joined()] }
}
