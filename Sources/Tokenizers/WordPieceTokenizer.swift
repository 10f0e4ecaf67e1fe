import JSON
import Requirements

/// A tokenizer that is made of a WordPiece vocabulary, or read from files; see ``PretrainedTokenizer``.
public typealias WordPieceTokenizer = PretrainedTokenizer

extension PretrainedTokenizer {
    /// A tokenizer with the settings of BERT.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens by id; pieces that continue a word begin with `##`.
    ///   - lowercasing: Whether case is dropped, and accents with it.
    ///   - modelMaximumLength: Most tokens that the model takes; only written to `tokenizer_config.json`.
    /// - Precondition: No token stands there twice, none is empty, and `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`,
    ///   `[MASK]` are among them.
    public init(vocabulary: [String], lowercasing: Bool = true, modelMaximumLength: Int? = nil) {
        require(!vocabulary.contains(""), "WordPieceTokenizer: the vocabulary has an empty token")
        require(
            modelMaximumLength ?? 1 > 0,
            "WordPieceTokenizer: modelMaximumLength is \(modelMaximumLength ?? 1), expected 1 or more")
        var tokens = JSONObject()
        for (id, token) in vocabulary.enumerated() where !tokens.appendIfNew(token, .integer(id)) {
            refuse("WordPieceTokenizer: the token \"\(token)\" has two ids, one of them \(id)")
        }
        var configuration = TokenizerConfiguration()
        configuration.completeSpecialTokens(.bert)
        configuration.modelMaximumLength = modelMaximumLength
        configuration.lowercases = lowercasing
        for token in configuration.tokens where tokens[token.content] == nil {
            refuse("WordPieceTokenizer: the vocabulary lacks \(token.content)")
        }
        do {
            try self.init(TokenizerDocument(wordPieces: tokens, configuration, file: "vocabulary"), configuration)
        } catch {
            refuse("WordPieceTokenizer: \(error)")
        }
    }
}
