/// Joins tokens to text: the `decoder` of `tokenizer.json`.
protocol TokenDecoder: Sendable {
    func join(_ tokens: [String]) -> String
}

enum TokenDecoderReader {
    /// - Returns: `nil` for null: tokens are joined by spaces.
    static func read(_ node: JSONNode?) throws -> (any TokenDecoder)? {
        guard let node, !node.isNull else { return nil }
        switch try node.type() {
        case "WordPiece": return try WordPieceDecoder(node)
        case let type: throw node.unsupported(type, supported: ["WordPiece"])
        }
    }
}
