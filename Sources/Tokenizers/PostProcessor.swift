/// Sets special tokens around the tokens of a text: the `post_processor` of `tokenizer.json`.
protocol PostProcessor: Sendable {
    /// What stands before the text, and after it.
    var leading: [Int32] { get }
    var trailing: [Int32] { get }
}

enum PostProcessorReader {
    /// - Returns: `nil` for null: no special tokens.
    static func read(_ node: JSONNode?) throws -> (any PostProcessor)? {
        guard let node, !node.isNull else { return nil }
        switch try node.type() {
        case "TemplateProcessing": return try TemplatePostProcessor(node)
        case "BertProcessing": return try BertPostProcessor(node)
        case let type: throw node.unsupported(type, supported: ["TemplateProcessing", "BertProcessing"])
        }
    }
}
