/// `cls` before the text, `sep` after it: `BertProcessing` of `tokenizer.json`. A second text has type 1.
struct BertPostProcessor: PostProcessor {
    let template: SpecialTokenTemplate

    init(_ node: Node) throws {
        self.init(classifierID: try node.required("cls").tokenAndID(), separatorID: try node.required("sep").tokenAndID())
    }

    init(classifierID: Int32, separatorID: Int32) {
        let classifier = [classifierID], separator = [separatorID]
        template = SpecialTokenTemplate(
            leading: classifier, trailing: separator,
            pair: [
                .special(classifier, typeID: 0), .first(typeID: 0), .special(separator, typeID: 0),
                .second(typeID: 1), .special(separator, typeID: 1),
            ])
    }
}

extension Node {
    /// The id of a special token that is given as a pair of token and id.
    func tokenAndID() throws -> Int32 {
        let elements = try elements()
        guard elements.count == 2 else { throw error("expected a token and its id") }
        return try elements[1].tokenID()
    }
}
