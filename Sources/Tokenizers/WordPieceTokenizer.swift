import Foundation

/// The tokenizer of BERT and its kin: splits words into the longest pieces of a vocabulary.
///
/// The ids are those of the fast tokenizers of the Python library `transformers`. A value shares what it read,
/// so copies cost nothing.
public struct WordPieceTokenizer: Tokenizer {
    final class Storage: Sendable {
        let pipeline: TokenizerPipeline
        let configuration: TokenizerConfiguration
        let padID: Int32?
        /// What was read; `nil` for a tokenizer made from a vocabulary.
        let files: TokenizerFiles?

        init(
            _ pipeline: TokenizerPipeline, _ configuration: TokenizerConfiguration, files: TokenizerFiles?
        ) {
            self.pipeline = pipeline
            self.configuration = configuration
            self.files = files
            padID = configuration.specialTokens.padding.flatMap { pipeline.id(of: $0) }
        }
    }

    let storage: Storage

    /// Reads `tokenizer.json`, or else `vocab.txt`, and `tokenizer_config.json` beside it.
    ///
    /// - Throws: `TokenizerError`: a missing or malformed file, or a component of another kind of tokenizer.
    public init(directory: URL) throws {
        let files = try TokenizerFiles(directory: directory)
        var configuration = try files.json(TokenizerFiles.configuration).map(TokenizerConfiguration.init)
            ?? TokenizerConfiguration()
        let pipeline: TokenizerPipeline
        if let node = try files.json(TokenizerFiles.tokenizer) {
            pipeline = try Self.pipeline(node, &configuration, files)
        } else if let data = files.contents[TokenizerFiles.vocabulary] {
            pipeline = try Self.pipeline(vocabulary: data, &configuration, files)
        } else {
            throw TokenizerError(
                file: directory.path,
                problem: "the folder has neither \(TokenizerFiles.tokenizer) nor \(TokenizerFiles.vocabulary)")
        }
        storage = Storage(pipeline, configuration, files: files)
    }

    /// A tokenizer with the settings of BERT.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens by id; pieces that continue a word begin with `##`.
    ///   - lowercasing: Whether case is dropped, and accents with it.
    ///   - modelMaximumLength: Most tokens that the model takes; only written to `tokenizer_config.json`.
    /// - Precondition: No token stands there twice, none is empty, and `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`,
    ///   `[MASK]` are among them.
    public init(vocabulary: [String], lowercasing: Bool = true, modelMaximumLength: Int? = nil) {
        precondition(!vocabulary.contains(""), "WordPieceTokenizer: the vocabulary has an empty token")
        precondition(
            modelMaximumLength ?? 1 > 0,
            "WordPieceTokenizer: modelMaximumLength is \(modelMaximumLength ?? 1), expected 1 or more")
        let tokens = Vocabulary(unique: vocabulary)
        var configuration = TokenizerConfiguration()
        configuration.specialTokens = .bert
        configuration.modelMaximumLength = modelMaximumLength
        configuration.lowercases = lowercasing
        func id(_ token: String) -> Int32 {
            guard let id = tokens.id(of: token) else {
                preconditionFailure("WordPieceTokenizer: the vocabulary lacks \(token)")
            }
            return id
        }
        let added = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map { AddedToken(id: id($0), content: $0) }
        let pipeline = TokenizerPipeline(
            normalizer: BertNormalizer(lowercases: lowercasing), preTokenizer: BertPreTokenizer(),
            model: WordPieceModel(vocabulary: tokens),
            postProcessor: BertPostProcessor(classifierID: id("[CLS]"), separatorID: id("[SEP]")),
            decoder: WordPieceDecoder(), addedTokens: added)
        storage = Storage(pipeline, configuration, files: nil)
    }

    public func encode(_ text: String, maximumLength: Int? = nil) -> [Int32] {
        storage.pipeline.encode(text, maximumLength: maximumLength)
    }

    public func encode(_ first: String, _ second: String, maximumLength: Int? = nil) -> (ids: [Int32], typeIDs: [Int32]) {
        storage.pipeline.encode(first, second, maximumLength: maximumLength)
    }

    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = true) -> String {
        let text = storage.pipeline.decode(ids, skippingSpecialTokens: skippingSpecialTokens)
        guard storage.configuration.cleansUpSpaces else { return text }
        return WordPieceDecoder.cleanedUp(text, .configuration)
    }

    public func tokens(of ids: [Int32]) -> [String] {
        ids.map { id in
            guard let token = storage.pipeline.token(of: id) else {
                preconditionFailure(
                    "tokens(of:): no token has id \(id), the vocabulary has \(vocabularySize) ids")
            }
            return token
        }
    }

    public var vocabularySize: Int { storage.pipeline.vocabularySize }

    public var modelMaximumLength: Int? { storage.configuration.modelMaximumLength }

    public func id(of token: String) -> Int32? { storage.pipeline.id(of: token) }

    public var padID: Int32? { storage.padID }
}
