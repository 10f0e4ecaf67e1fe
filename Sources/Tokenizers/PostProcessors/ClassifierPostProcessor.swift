/// `cls` before the text, `sep` after it: `BertProcessing` and `RobertaProcessing` of `tokenizer.json`.
struct ClassifierPostProcessor: PostProcessor {
    let template: SpecialTokenTemplate
    let trims: [OffsetTrim]

    /// - Parameters:
    ///   - separatorsBetween: How many `sep` stand between two texts.
    ///   - secondType: The type of the second text.
    ///   - trims: Whether it may ask for `trim_offsets`.
    init(_ node: Node, separatorsBetween: Int, secondType: Int32, trims: Bool) throws {
        self.trims = trims ? try OffsetTrim.all(node) : []
        let classifier = try [Self.id(node.required("cls"))], separator = try [Self.id(node.required("sep"))]
        let between = Array(repeating: separator[0], count: separatorsBetween)
        template = SpecialTokenTemplate(
            single: [.special(classifier, typeID: 0), .first(typeID: 0), .special(separator, typeID: 0)],
            pair: [
                .special(classifier, typeID: 0), .first(typeID: 0), .special(between, typeID: 0),
                .second(typeID: secondType), .special(separator, typeID: secondType),
            ])
    }

    /// The id of a special token that is given as a pair of token and id.
    private static func id(_ node: Node) throws -> Int32 {
        let elements = try node.elements()
        guard elements.count == 2 else { throw node.error("expected a token and its id") }
        return try elements[1].tokenID()
    }
}
