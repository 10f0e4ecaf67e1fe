import Foundation
import JSON
import Requirements

/// The tokenizer of a model: the components that its files name, such as BERT's normalizer and WordPiece, or byte-pair
/// encoding.
///
/// The ids are those of the fast tokenizers of the Python library `transformers`. A value shares what it read,
/// so copies cost nothing.
public struct PretrainedTokenizer: Tokenizer {
    final class Storage: Sendable {
        let pipeline: TokenizerPipeline
        let configuration: TokenizerConfiguration
        let padID: Int32?
        let specialIDs: Set<Int32>
        let lowercasesFirst: Bool
        /// What was read; `nil` for a tokenizer that was made here.
        let files: TokenizerFiles?
        /// What `tokenizer.json` has to say, where it was not read.
        let document: TokenizerDocument?

        init(
            _ node: Node, _ configuration: TokenizerConfiguration, _ files: TokenizerFiles?, _ document: TokenizerDocument?,
            lowercasingFirst: Bool = false
        ) throws {
            var configuration = configuration
            let adjusted = try configuration.adjusted(node)
            let pipeline = try TokenizerPipeline(lowercasingFirst ? adjusted.lowercasingFirst() : adjusted, &configuration)
            try files?.checkAddedTokens(pipeline)
            self.pipeline = pipeline
            specialIDs = Set(configuration.namedTokens.compactMap { pipeline.id(of: $0) })
            lowercasesFirst = lowercasingFirst
            self.configuration = configuration
            self.files = files
            self.document = document
            padID = configuration.specialTokens.padding.flatMap { pipeline.id(of: $0) }
        }
    }

    let storage: Storage

    /// Reads `tokenizer.json`, or else `vocab.txt` (BERT), or else `vocab.json` and `merges.txt` (RoBERTa, GPT-2, CLIP), or else a
    /// model of SentencePiece (`sentencepiece.bpe.model`, `spiece.model`, `spm.model`, `tokenizer.model`), and
    /// `tokenizer_config.json` beside it.
    ///
    /// `special_tokens_map.json` and `added_tokens.json` name tokens where `tokenizer_config.json` has no `added_tokens_decoder`.
    ///
    /// - Parameters:
    ///   - directory: The folder.
    ///   - lowercasingFirst: Makes all text small before anything else, but not the special tokens that are written
    ///     in it: the `do_lower_case` of a sentence transformer. It is not in the files that are saved.
    /// - Throws: `TokenizerError`: a missing or malformed file, or a component that is not known, with those that are.
    public init(directory: URL, lowercasingFirst: Bool = false) throws {
        let files = try TokenizerFiles(directory: directory)
        var configuration = try TokenizerConfiguration(files)
        if let node = try files.json(TokenizerFiles.tokenizer) {
            storage = try Storage(node, configuration, files, nil, lowercasingFirst: lowercasingFirst)
            return
        }
        let older =
            try TokenizerDocument(vocabularyFiles: files, &configuration) ?? TokenizerDocument(sentencePiece: files, &configuration)
        guard let document = older else {
            throw TokenizerError(
                file: directory.path,
                problem: "the folder has neither \(TokenizerFiles.tokenizer) nor "
                    + "\(TokenizerFiles.vocabulary) nor \(TokenizerFiles.vocabularyJSON) with \(TokenizerFiles.merges) nor "
                    + TokenizerFiles.sentencePieceModels.joined(separator: " nor "))
        }
        storage = try Storage(document.node, configuration, files, document, lowercasingFirst: lowercasingFirst)
    }

    init(_ document: TokenizerDocument, _ configuration: TokenizerConfiguration) throws {
        storage = try Storage(document.node, configuration, nil, document)
    }

    public func encode(_ text: String, maximumLength: Int? = nil) -> [Int32] {
        storage.pipeline.encode(text, maximumLength: maximumLength)
    }

    /// The ids of a text alone, without the special tokens around them.
    public func encodeWithoutSpecialTokens(_ text: String) -> [Int32] {
        let template = storage.pipeline.template
        return Array(encode(text).dropFirst(template.leading.count).dropLast(template.trailing.count))
    }

    public func encode(_ first: String, _ second: String, maximumLength: Int? = nil) -> (ids: [Int32], typeIDs: [Int32]) {
        let encoding = storage.pipeline.encoding([first, second], maximumLength: maximumLength, isTraced: false)
        return (encoding.ids, encoding.typeIDs)
    }

    /// The tokens of a text, as `encode(_:maximumLength:)` gives them, and which part of the text each stands for.
    ///
    /// - Parameters:
    ///   - text: Any text.
    ///   - maximumLength: As for `encode(_:maximumLength:)`.
    public func encoding(of text: String, maximumLength: Int? = nil) -> Encoding {
        storage.pipeline.encoding([text], maximumLength: maximumLength, isTraced: true)
    }

    /// The tokens of two texts, as `encode(_:_:maximumLength:)` gives them; offsets of the second text count from its own start.
    ///
    /// - Parameters:
    ///   - first: The first text.
    ///   - second: The second text.
    ///   - maximumLength: As for `encode(_:_:maximumLength:)`.
    public func encoding(of first: String, _ second: String, maximumLength: Int? = nil) -> Encoding {
        storage.pipeline.encoding([first, second], maximumLength: maximumLength, isTraced: true)
    }

    public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = true) -> String {
        let text = storage.pipeline.decode(ids, skippingSpecialTokens: skippingSpecialTokens)
        guard storage.configuration.cleansUpSpaces else { return text }
        return WordPieceDecoder.cleanedUp(text, .configuration)
    }

    public func tokens(of ids: [Int32]) -> [String] {
        ids.map { id in
            guard let token = storage.pipeline.token(of: id) else {
                refuse(
                    "tokens(of:): no token has id \(id), the vocabulary has \(vocabularySize) ids")
            }
            return token
        }
    }

    public var vocabularySize: Int { storage.pipeline.vocabularySize }

    public var modelMaximumLength: Int? { storage.configuration.modelMaximumLength }

    public func id(of token: String) -> Int32? { storage.pipeline.id(of: token) }

    public func isSpecial(_ id: Int32) -> Bool { storage.specialIDs.contains(id) }

    public var padID: Int32? { storage.padID }

    /// Whether it makes all text small before anything else.
    public var lowercasesFirst: Bool { storage.lowercasesFirst }
}
