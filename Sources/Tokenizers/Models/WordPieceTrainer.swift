import JSON

/// Makes a WordPiece vocabulary from sentences: for tests, tutorials and small models.
public enum WordPieceTrainer {
    /// Tokens by id: `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]`, then every character seen, plain and with
    /// `##` in front, in the order of their code points, then pieces in the order of their merging.
    ///
    /// Starting from characters, the two neighboring pieces that stand together most often, words counted as
    /// often as they occur, become one piece, again and again; of several pairs the first in text order. Equal
    /// sentences in any order give the same vocabulary. Every word of the sentences can be split without
    /// `[UNK]`, but for those of more than 100 characters, which the tokenizer never splits.
    ///
    /// - Parameters:
    ///   - sentences: The texts.
    ///   - size: Most tokens to return; special tokens and characters are kept even if they are more. There
    ///     are fewer when nothing is left to merge.
    ///   - lowercasing: As the tokenizer's that will use the vocabulary.
    public static func vocabulary(
        from sentences: [String], size: Int, lowercasing: Bool = true
    ) -> [String] {
        let words = countedWords(of: sentences, lowercasing: lowercasing)
        var characters: Set<Unicode.Scalar> = []
        for (word, _) in words { characters.formUnion(word.unicodeScalars) }
        let sorted = characters.sorted().map(String.init)
        var vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + sorted + sorted.map { "##" + $0 }

        var merging = PieceMerging(words: words)
        var known = Set(vocabulary.map { ExactKey($0) })
        while vocabulary.count < size, let piece = merging.mergeMostFrequentPair() {
            // Two ways of splitting may merge to the same piece.
            if known.insert(ExactKey(piece)).inserted { vocabulary.append(piece) }
        }
        return vocabulary
    }

    /// The words as the tokenizer sees them and how often each occurs, in text order.
    private static func countedWords(of sentences: [String], lowercasing: Bool) -> [(String, Int)] {
        let normalizer = BertNormalizer(lowercases: lowercasing), splitter = BertPreTokenizer()
        var counts: [ExactKey: Int] = [:]
        for sentence in sentences {
            let normalized = normalizer.normalized(Array(sentence.utf8))
            var ranges: [Range<Int>] = []
            splitter.split(normalized, 0..<normalized.count, into: &ranges)
            for range in ranges { counts[ExactKey(String(decoding: normalized[range], as: UTF8.self)), default: 0] += 1 }
        }
        return counts.sorted { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }
            .map { ($0.key.text, $0.value) }
    }
}
