/// Joins tokens to text: the `decoder` of `tokenizer.json`.
protocol TokenDecoder: Sendable {
    func join(_ tokens: [String]) -> String
}

enum TokenDecoderReader {
    /// - Returns: `nil` for null: tokens are joined by spaces.
    static func read(_ node: Node?) throws -> (any TokenDecoder)? {
        guard let node, !node.isNull else { return nil }
        switch try node.required("type").string() {
        case "WordPiece": return try WordPieceDecoder(node)
        case let type: throw node.unsupported("type", type, among: ["WordPiece"])
        }
    }
}
