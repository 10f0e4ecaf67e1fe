/// Splits a word into the longest pieces of a vocabulary, from its start on; a word that cannot be split to
/// its end, or is too long, is one unknown token: `WordPiece` of `tokenizer.json`.
struct WordPieceModel: SubwordModel {
    let vocabulary: Vocabulary
    let unknownToken: String?

    private let unknownID: Int32
    /// In Unicode scalars.
    private let longestWord: Int
    /// What pieces that continue a word begin with.
    private let prefix: [UInt8]
    private let prefixHash: UInt64

    init(_ node: Node) throws {
        vocabulary = try Vocabulary(try node.required("vocab"))
        let unknown = try node.required("unk_token")
        let unknownToken = try unknown.string()
        guard let unknownID = vocabulary.id(of: unknownToken) else {
            throw unknown.error("the token \"\(unknownToken)\" is not in model.vocab")
        }
        self.unknownToken = unknownToken
        self.unknownID = unknownID
        longestWord = try node.member("max_input_chars_per_word")?.integer(in: 0...Int.max) ?? 100
        prefix = Array((try node.member("continuing_subword_prefix")?.string() ?? "##").utf8)
        prefixHash = prefix.reduce(Vocabulary.emptyHash) { Vocabulary.hash($0, adding: $1) }
    }

    /// One token a line; an id without a token is an empty line, as it is read.
    var files: [(name: String, text: String)] {
        let lines = (0..<vocabulary.idBound).map { (vocabulary.token(of: Int32($0)) ?? "") + "\n" }
        return [(TokenizerFiles.vocabulary, lines.joined())]
    }

    func tokenize(_ text: [UInt8], _ range: Range<Int>, into tokens: inout TokenList, scratch: inout [UInt64]) {
        if range.count > longestWord, scalarCount(text, range) > longestWord {
            tokens.append(unknownID, range)
            return
        }
        let count = tokens.count
        var start = range.lowerBound
        while start < range.upperBound {
            let isFirst = start == range.lowerBound
            guard
                let (id, end) = longestPiece(
                    in: text, start..<range.upperBound, after: isFirst ? Vocabulary.noPrefix : prefix,
                    hash: isFirst ? Vocabulary.emptyHash : prefixHash, hashes: &scratch)
            else {
                tokens.removeLast(tokens.count - count)
                tokens.append(unknownID, range)
                return
            }
            tokens.append(id, start..<end)
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
        text[range].count { $0 & 0xC0 != 0x80 }
    }
}
