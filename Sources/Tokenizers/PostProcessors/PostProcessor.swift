/// Sets special tokens around the tokens of a text, or of two: the `post_processor` of `tokenizer.json`.
protocol PostProcessor: Sendable {
    var template: SpecialTokenTemplate { get }
}

/// Several post-processors, of which at most one may set tokens.
struct PostProcessorSequence: PostProcessor {
    let template: SpecialTokenTemplate

    init(_ node: Node) throws {
        let templates = try TokenizerComponents.list(node, "processors", TokenizerComponents.postProcessor).map(\.template)
        let setting = templates.filter { $0.pairCount > 0 || !$0.leading.isEmpty || !$0.trailing.isEmpty }
        guard setting.count <= 1 else {
            throw node.error("\(setting.count) of the processors add special tokens, at most one may")
        }
        template = setting.first ?? .plain
    }
}
