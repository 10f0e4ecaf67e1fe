/// Splits a word into tokens of a vocabulary: the `model` of `tokenizer.json`.
protocol SubwordModel: Sendable {
    var vocabulary: Vocabulary { get }
    /// What stands for words, or characters, that the vocabulary lacks.
    var unknownToken: String? { get }
    /// The files that held such a model before `tokenizer.json` did, by name.
    var files: [(name: String, text: String)] { get }

    /// Appends the tokens of the word `text[range]`, with the bytes of it that each stands for.
    ///
    /// - Parameter scratch: Kept by the caller from word to word to spare allocations; its content is of no
    ///   meaning in between.
    func tokenize(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, scratch: inout [UInt64])
}
