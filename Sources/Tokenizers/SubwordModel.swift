/// Splits a word into tokens of a vocabulary: the `model` of `tokenizer.json`.
protocol SubwordModel: Sendable {
    var vocabulary: Vocabulary { get }

    /// Appends the ids of the word `text[range]`.
    ///
    /// - Parameter scratch: Kept by the caller from word to word to spare allocations; its content is of no
    ///   meaning in between.
    func tokenize(_ text: [UInt8], _ range: Range<Int>, into ids: inout [Int32], scratch: inout [UInt64])
}

enum SubwordModelReader {
    static func read(_ node: Node) throws -> any SubwordModel {
        // Old files name no type; of the models, only WordPiece limits the length of a word.
        let isUntyped = try node.member("type") == nil && node.member("max_input_chars_per_word") != nil
        switch isUntyped ? "WordPiece" : try node.required("type").string() {
        case "WordPiece": return try WordPieceModel(node)
        case let type: throw node.unsupported("type", type, among: ["WordPiece"])
        }
    }
}
