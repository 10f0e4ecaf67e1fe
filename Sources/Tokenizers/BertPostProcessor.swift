/// `cls` before the text, `sep` after it.
struct BertPostProcessor: PostProcessor {
    let leading: [Int32]
    let trailing: [Int32]

    init(classifierID: Int32, separatorID: Int32) {
        leading = [classifierID]
        trailing = [separatorID]
    }

    /// From `BertProcessing` of `tokenizer.json`, whose `cls` and `sep` are pairs of token and id.
    init(_ node: Node) throws {
        func id(_ key: String) throws -> Int32 {
            let pair = try node.required(key)
            let elements = try pair.elements()
            guard elements.count == 2 else { throw pair.error("expected a token and its id") }
            return try elements[1].tokenID()
        }
        self.init(classifierID: try id("cls"), separatorID: try id("sep"))
    }
}
