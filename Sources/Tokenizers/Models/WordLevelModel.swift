import JSON

/// A word is a token, or unknown: `WordLevel` of `tokenizer.json`.
struct WordLevelModel: SubwordModel {
    let vocabulary: Vocabulary
    let unknownToken: String?
    private let unknownID: Int32?

    init(_ node: Node) throws {
        vocabulary = try Vocabulary(try node.required("vocab"))
        let unknown = try node.present("unk_token")?.string() ?? "<unk>"
        unknownID = vocabulary.id(of: unknown)
        unknownToken = unknownID.map { _ in unknown }
    }

    var files: [(name: String, text: String)] { [(TokenizerFiles.vocabularyJSON, vocabulary.json)] }

    /// Words that are unknown are left out where the vocabulary has nothing that stands for them.
    func tokenize(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, scratch: inout [UInt64]) {
        if let id = vocabulary.id(of: text, range) ?? unknownID { tokens.append(id, range) }
    }
}
