/// Sets special tokens around the tokens of a text, or of two: the `post_processor` of `tokenizer.json`.
protocol PostProcessor: Sendable {
    var template: SpecialTokenTemplate { get }
    /// How it takes blanks off what tokens stand for, one after another.
    var trims: [OffsetTrim] { get }
}

/// Several post-processors, of which at most one may set tokens.
struct PostProcessorSequence: PostProcessor {
    let template: SpecialTokenTemplate
    let trims: [OffsetTrim]

    init(_ node: Node) throws {
        let parts = try TokenizerComponents.list(node, "processors", TokenizerComponents.postProcessor)
        trims = parts.flatMap(\.trims)
        let templates = parts.map(\.template)
        let setting = templates.filter { SpecialTokenTemplate.count($0.pair) > 0 || !$0.leading.isEmpty || !$0.trailing.isEmpty }
        guard setting.count <= 1 else {
            throw node.error("\(setting.count) of the processors add special tokens, at most one may")
        }
        template = setting.first ?? .plain
    }
}
