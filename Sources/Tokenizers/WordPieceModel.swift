/// Splits a word into the longest pieces of a vocabulary, from its start on; a word that cannot be split to
/// its end, or is too long, is one unknown token.
struct WordPieceModel: SubwordModel {
    let vocabulary: Vocabulary
    let unknownToken: String
    let unknownID: Int32
    let continuingPrefix: String
    /// In Unicode scalars.
    let longestWord: Int

    private let prefix: [UInt8]
    private let prefixHash: UInt64

    /// - Precondition: The vocabulary has the unknown token.
    init(
        vocabulary: Vocabulary, unknownToken: String = "[UNK]", continuingPrefix: String = "##",
        longestWord: Int = 100
    ) {
        guard let unknownID = vocabulary.id(of: unknownToken) else {
            preconditionFailure("WordPiece: the vocabulary lacks its unknown token \"\(unknownToken)\"")
        }
        self.vocabulary = vocabulary
        self.unknownToken = unknownToken
        self.unknownID = unknownID
        self.continuingPrefix = continuingPrefix
        self.longestWord = longestWord
        prefix = Array(continuingPrefix.utf8)
        prefixHash = prefix.reduce(Vocabulary.emptyHash) { Vocabulary.hash($0, adding: $1) }
    }

    /// From the `model` of `tokenizer.json`.
    init(_ node: Node) throws {
        let vocabulary = try Vocabulary(try node.required("vocab"))
        let unknown = try node.required("unk_token")
        let unknownToken = try unknown.string()
        guard vocabulary.id(of: unknownToken) != nil else {
            throw unknown.error("the token \"\(unknownToken)\" is not in model.vocab")
        }
        let longest = try node.member("max_input_chars_per_word")
        let longestWord = try longest?.integer() ?? 100
        guard longestWord >= 0 else {
            throw node.error("max_input_chars_per_word is \(longestWord), expected 0 or more")
        }
        self.init(
            vocabulary: vocabulary, unknownToken: unknownToken,
            continuingPrefix: try node.member("continuing_subword_prefix")?.string() ?? "##",
            longestWord: longestWord)
    }

    func tokenize(_ text: [UInt8], _ range: Range<Int>, into ids: inout [Int32], scratch: inout [UInt64]) {
        if range.count > longestWord, scalarCount(text, range) > longestWord {
            ids.append(unknownID)
            return
        }
        let count = ids.count
        var start = range.lowerBound
        while start < range.upperBound {
            let isFirst = start == range.lowerBound
            guard let (id, end) = longestPiece(
                in: text, start..<range.upperBound, after: isFirst ? Vocabulary.noPrefix : prefix,
                hash: isFirst ? Vocabulary.emptyHash : prefixHash, hashes: &scratch)
            else {
                ids.removeSubrange(count...)
                ids.append(unknownID)
                return
            }
            ids.append(id)
            start = end
        }
    }

    private func longestPiece(
        in text: [UInt8], _ range: Range<Int>, after prefix: [UInt8], hash: UInt64, hashes: inout [UInt64]
    ) -> (id: Int32, end: Int)? {
        let start = range.lowerBound
        let longest = Swift.min(range.count, vocabulary.longestToken - prefix.count)
        if longest <= 0 { return nil }
        // hashes[n]: of the first n + 1 bytes, with the prefix in front.
        hashes.removeAll(keepingCapacity: true)
        var hash = hash
        for index in start..<start + longest {
            hash = Vocabulary.hash(hash, adding: text[index])
            hashes.append(hash)
        }
        var end = start + longest
        while end > start {
            // A token is whole characters, so it cannot end where the text goes on within one.
            if end == range.upperBound || text[end] & 0xC0 != 0x80,
                let id = vocabulary.id(hash: hashes[end - start - 1], of: prefix, text, start..<end)
            {
                return (id, end)
            }
            end -= 1
        }
        return nil
    }

    private func scalarCount(_ text: [UInt8], _ range: Range<Int>) -> Int {
        var count = 0
        for index in range where text[index] & 0xC0 != 0x80 { count += 1 }
        return count
    }
}
