/// Sets special tokens around the tokens of a text: the `post_processor` of `tokenizer.json`.
protocol PostProcessor: Sendable {
    var template: SpecialTokenTemplate { get }
}

enum PostProcessorReader {
    /// - Returns: `nil` for null: no special tokens.
    static func read(_ node: Node?) throws -> (any PostProcessor)? {
        guard let node, !node.isNull else { return nil }
        switch try node.required("type").string() {
        case "TemplateProcessing": return try TemplatePostProcessor(node)
        case "BertProcessing": return try BertPostProcessor(node)
        case let type: throw node.unsupported("type", type, among: ["TemplateProcessing", "BertProcessing"])
        }
    }
}
