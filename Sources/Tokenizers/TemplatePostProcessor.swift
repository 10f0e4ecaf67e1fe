/// The special tokens of a template such as `[CLS] A [SEP]`.
struct TemplatePostProcessor: PostProcessor {
    let leading: [Int32]
    let trailing: [Int32]

    /// From `TemplateProcessing` of `tokenizer.json`; of its templates the one for a single text.
    init(_ node: Node) throws {
        let specialTokens = try node.required("special_tokens")
        let template = try node.required("single")
        var before: [Int32] = [], after: [Int32] = []
        var sawText = false
        for piece in try template.elements() {
            if let special = try piece.member("SpecialToken") {
                let ids = try specialTokens.required(try special.required("id").string())
                    .required("ids").elements().map { try $0.tokenID() }
                if sawText { after += ids } else { before += ids }
            } else if let sequence = try piece.member("Sequence") {
                guard try sequence.required("id").string() == "A", !sawText else {
                    throw sequence.error("the template for one text must hold the sequence A once")
                }
                sawText = true
            } else {
                throw piece.error("expected SpecialToken or Sequence")
            }
        }
        guard sawText else { throw template.error("the template for one text must hold the sequence A once") }
        leading = before
        trailing = after
    }
}
