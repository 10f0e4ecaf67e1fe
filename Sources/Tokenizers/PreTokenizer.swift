/// Splits normalized text into words, which the model then splits into tokens: the `pre_tokenizer` of
/// `tokenizer.json`.
protocol PreTokenizer: Sendable {
    /// Appends the ranges of the words of `text[range]`, in order.
    func split(_ text: [UInt8], _ range: Range<Int>, into words: inout [Range<Int>])
}

enum PreTokenizerReader {
    /// - Returns: `nil` for null: the text is one word.
    static func read(_ node: Node?) throws -> (any PreTokenizer)? {
        guard let node, !node.isNull else { return nil }
        switch try node.required("type").string() {
        case "BertPreTokenizer": return BertPreTokenizer()
        case let type: throw node.unsupported("type", type, among: ["BertPreTokenizer"])
        }
    }
}
