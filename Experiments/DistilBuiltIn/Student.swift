import Foundation
import Tapestry

/// A small BERT that begins with what its teacher makes of every single word.
struct Student {
    let model: SentenceTransformer

    /// - Parameters:
    ///   - sentences: What its vocabulary must cover.
    ///   - components: Of the teacher's embeddings; their number is the width.
    init(
        of teacher: SentenceTransformer, sentences: [String], vocabularySize: Int, components: PrincipalComponents,
        layers: Int, intermediate: Int, length: Int, seed: UInt64
    ) throws {
        let vocabulary = Self.vocabulary(teacher.tokenizer, sentences, size: vocabularySize)
        let width = components.directions.shape[1]
        var configuration = EncoderConfiguration(
            vocabularySize: vocabulary.count, hiddenSize: width, hiddenLayerCount: layers, attentionHeadCount: width / 32,
            intermediateSize: intermediate, maxPositionEmbeddings: length)
        configuration.hiddenDropout = 0
        configuration.attentionDropout = 0
        let bert = TransformerEncoder(configuration, key: RandomKey(seed))
        let texts = vocabulary.map { $0.hasPrefix("##") ? String($0.dropFirst(2)) : $0.hasPrefix("[") && $0.count > 1 ? "" : $0 }
        bert.embeddings.words.weight.value = components(teacher.encode(texts, batchSize: 64))
        let tokenizer = WordPieceTokenizer(vocabulary: vocabulary, modelMaximumLength: length)
        model = SentenceTransformer(Transformer(bert, tokenizer: tokenizer), [Pooling(width: width), Normalize()])
    }

    /// A part of the teacher's vocabulary: what is special, ASCII's characters, what the sentences use twice or more, and
    /// the words with the smallest ids, which are the most frequent ones of English.
    static func vocabulary(_ tokenizer: any Tokenizer, _ sentences: [String], size: Int) -> [String] {
        let tokens = tokenizer.tokens(of: Array(0..<Int32(tokenizer.vocabularySize)))
        var counts = [Int](repeating: 0, count: tokens.count)
        for sentence in sentences { for id in tokenizer.encode(sentence, maximumLength: nil) { counts[Int(id)] += 1 } }
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        var kept = Set(special)
        for token in tokens where token.utf8.count == 1 || token.hasPrefix("##") && token.utf8.count == 3 { kept.insert(token) }
        for id in tokens.indices.sorted(by: { (counts[$0], $1) > (counts[$1], $0) }) where counts[id] >= 2 && kept.count < size {
            kept.insert(tokens[id])
        }
        for token in tokens where kept.count < size && isWord(token) { kept.insert(token) }
        return special + tokens.filter { kept.contains($0) && !special.contains($0) }
    }

    /// Whole words of two or more letters, the most frequent first.
    static func words(of tokenizer: any Tokenizer) -> [String] {
        tokenizer.tokens(of: Array(0..<Int32(tokenizer.vocabularySize))).filter(isWord)
    }

    private static func isWord(_ token: String) -> Bool {
        token.utf8.count > 1 && token.utf8.allSatisfy { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0) }
    }
}
