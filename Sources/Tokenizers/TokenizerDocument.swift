import JSON

/// A `tokenizer.json` that is made of a vocabulary, or of the files that held one before: all tokenizers are read from, and
/// written as, the same.
struct TokenizerDocument: Sendable {
    private let parts: JSONObject
    /// What stands in `tokenizer_config.json` so that the reference makes the same of the vocabulary alone.
    let settings: JSONObject
    /// For messages.
    private let file: String

    init(
        file: String, normalizer: JSONValue, preTokenizer: JSONValue, postProcessor: JSONValue, decoder: JSONValue,
        model: JSONValue, settings: JSONObject
    ) {
        self.file = file
        self.settings = settings
        parts = [
            "version": "1.0", "truncation": .null, "padding": .null, "added_tokens": [], "normalizer": normalizer,
            "pre_tokenizer": preTokenizer, "post_processor": postProcessor, "decoder": decoder, "model": model,
        ]
    }

    var node: Node { Node(.object(parts), file: file) }

    /// - Parameter tokens: Those that the files name beside the vocabulary.
    func json(_ tokens: [AddedToken]) -> JSONValue {
        var parts = parts
        parts["added_tokens"] = .array(tokens.map(\.json))
        return .object(parts)
    }

    /// BERT: normalizer, WordPiece, and `cls A sep B sep`.
    ///
    /// - Throws: When a special token that BERT needs is not in the vocabulary.
    init(wordPieces vocabulary: JSONObject, _ configuration: TokenizerConfiguration, file: String) throws {
        let tokens = configuration.specialTokens
        let unknown = try Self.token(tokens.unknown, "unknown", in: vocabulary, file).token
        let classifier = try Self.token(tokens.classifier, "classifier", in: vocabulary, file)
        let separator = try Self.token(tokens.separator, "separator", in: vocabulary, file)
        let lowercases = configuration.lowercases ?? true, isolates = configuration.isolatesIdeographs ?? true
        let accents = configuration.stripsAccents ?? .null
        func special(_ token: (token: String, id: JSONValue), _ type: JSONValue) -> JSONValue {
            ["SpecialToken": ["id": .string(token.token), "type_id": type]]
        }
        func sequence(_ name: JSONValue, _ type: JSONValue) -> JSONValue { ["Sequence": ["id": name, "type_id": type]] }
        let single = [special(classifier, 0), sequence("A", 0), special(separator, 0)]
        let members = [classifier, separator].sorted { $0.token < $1.token }.map { token, id in
            (key: token, value: ["id": .string(token), "ids": [id], "tokens": [.string(token)]] as JSONValue)
        }
        self.init(
            file: file,
            normalizer: [
                "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": .bool(isolates), "strip_accents": accents,
                "lowercase": .bool(lowercases),
            ],
            preTokenizer: ["type": "BertPreTokenizer"],
            postProcessor: [
                "type": "TemplateProcessing", "single": .array(single),
                "pair": .array(single + [sequence("B", 1), special(separator, 1)]),
                "special_tokens": .object(JSONObject(members: members)),
            ],
            decoder: ["type": "WordPiece", "prefix": "##", "cleanup": true],
            model: [
                "type": "WordPiece", "unk_token": .string(unknown), "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100, "vocab": .object(vocabulary),
            ],
            settings: [
                "tokenizer_class": "BertTokenizer", "do_lower_case": .bool(lowercases), "strip_accents": accents,
                "tokenize_chinese_chars": .bool(isolates),
            ])
    }

    /// RoBERTa, `cls A sep sep B sep`, or GPT-2, without special tokens around texts: bytes and their pairs.
    private init(
        bytePairs vocabulary: JSONObject, merges: [String], isRoberta: Bool, _ configuration: TokenizerConfiguration,
        file: String
    ) throws {
        let prefixes = JSONValue.bool(configuration.addsPrefixSpace ?? false)
        var postProcessor: JSONValue = ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true]
        if isRoberta {
            let classifier = try Self.token(configuration.specialTokens.classifier, "classifier", in: vocabulary, file)
            let separator = try Self.token(configuration.specialTokens.separator, "separator", in: vocabulary, file)
            postProcessor = [
                "type": "RobertaProcessing", "sep": [.string(separator.token), separator.id],
                "cls": [.string(classifier.token), classifier.id], "trim_offsets": true, "add_prefix_space": prefixes,
            ]
        }
        self.init(
            file: file, normalizer: .null,
            preTokenizer: ["type": "ByteLevel", "add_prefix_space": prefixes, "trim_offsets": true, "use_regex": true],
            postProcessor: postProcessor,
            decoder: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true],
            model: [
                "type": "BPE", "dropout": .null, "unk_token": .null, "continuing_subword_prefix": "", "end_of_word_suffix": "",
                "fuse_unk": false, "byte_fallback": false, "ignore_merges": false, "vocab": .object(vocabulary),
                "merges": .array(merges.map { .string($0) }),
            ],
            settings: [
                "tokenizer_class": isRoberta ? "RobertaTokenizer" : "GPT2Tokenizer", "add_prefix_space": prefixes,
            ])
    }

    /// CLIP, `bos A eos`: words in small letters, whose last piece says that it is.
    private init(clip vocabulary: JSONObject, merges: [String], _ configuration: TokenizerConfiguration, file: String) throws {
        let tokens = configuration.specialTokens
        let beginning = try Self.token(tokens.beginning, "beginning", in: vocabulary, file)
        let end = try Self.token(tokens.end, "end", in: vocabulary, file)
        let words = #"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"#
        let bytes: JSONValue = ["type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true]
        self.init(
            file: file,
            normalizer: [
                "type": "Sequence",
                "normalizers": [
                    ["type": "NFC"], ["type": "Replace", "pattern": ["Regex": "\\s+"], "content": " "], ["type": "Lowercase"],
                ],
            ],
            preTokenizer: [
                "type": "Sequence",
                "pretokenizers": [
                    ["type": "Split", "pattern": ["Regex": .string(words)], "behavior": "Removed", "invert": true], bytes,
                ],
            ],
            postProcessor: [
                "type": "RobertaProcessing", "sep": [.string(end.token), end.id], "cls": [.string(beginning.token), beginning.id],
                "trim_offsets": false, "add_prefix_space": false,
            ],
            decoder: ["type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true],
            model: [
                "type": "BPE", "dropout": .null, "unk_token": tokens.unknown.map { .string($0) } ?? .null,
                "continuing_subword_prefix": "", "end_of_word_suffix": "</w>", "fuse_unk": false, "byte_fallback": false,
                "ignore_merges": false, "vocab": .object(vocabulary), "merges": .array(merges.map { .string($0) }),
            ],
            settings: ["tokenizer_class": "CLIPTokenizer"])
    }

    private static func token(
        _ token: String?, _ name: String, in vocabulary: JSONObject, _ file: String
    ) throws -> (token: String, id: JSONValue) {
        let token = token ?? ""
        guard let id = vocabulary[token] else {
            throw TokenizerError(file: file, problem: "the \(name) token \"\(token)\" is not in the vocabulary")
        }
        return (token, id)
    }
}

// MARK: Files of old

extension TokenizerDocument {
    /// From `vocab.txt`, or from `vocab.json` and `merges.txt`; nil when the folder has neither. Completes the special
    /// tokens of the configuration.
    init?(vocabularyFiles files: TokenizerFiles, _ configuration: inout TokenizerConfiguration) throws {
        let file: String, vocabulary: JSONObject, usual: SpecialTokens
        if let lines = try files.lines(TokenizerFiles.vocabulary) {
            file = files.path(of: TokenizerFiles.vocabulary)
            vocabulary = try Self.vocabulary(lines, file)
            usual = .bert
        } else if let node = try files.json(TokenizerFiles.vocabularyJSON), files.contents[TokenizerFiles.merges] != nil {
            file = files.path(of: TokenizerFiles.vocabularyJSON)
            vocabulary = try node.object()
            usual = try Self.bytePairTokens(vocabulary, configuration, files)
        } else {
            return nil
        }
        configuration.completeSpecialTokens(usual)
        guard let lines = try files.lines(TokenizerFiles.merges), files.contents[TokenizerFiles.vocabulary] == nil else {
            try self.init(wordPieces: vocabulary, configuration, file: file)
            return
        }
        // A comment may come first.
        let merges = lines.drop { $0.hasPrefix("#version") }.filter { !$0.isEmpty }
        if configuration.classFamily == Self.clipClass {
            try self.init(clip: vocabulary, merges: merges, configuration, file: file)
            return
        }
        try self.init(
            bytePairs: vocabulary, merges: merges, isRoberta: usual.classifier != nil, configuration, file: file)
    }

    /// One token a line, whose number from 0 on is its id; an empty line is an id without a token.
    private static func vocabulary(_ lines: [String], _ file: String) throws -> JSONObject {
        var vocabulary = JSONObject()
        for (id, token) in lines.enumerated() where !token.isEmpty {
            guard vocabulary.appendIfNew(token, .integer(id)) else {
                let first = lines.firstIndex { $0.isExactly(token) } ?? id
                throw TokenizerError(
                    file: file, key: "line \(id + 1)", problem: "\"\(token)\" stands in line \(first + 1) already")
            }
        }
        return vocabulary
    }

    private static let clipClass = "CLIPTokenizer"

    /// The class says which it is, or else whether the vocabulary has RoBERTa's special tokens.
    private static func bytePairTokens(
        _ vocabulary: JSONObject, _ configuration: TokenizerConfiguration, _ files: TokenizerFiles
    ) throws -> SpecialTokens {
        switch configuration.classFamily {
        case "RobertaTokenizer", "BartTokenizer", "LongformerTokenizer": return .roberta
        case "GPT2Tokenizer": return .gpt2
        case clipClass: return .clip
        case nil: return vocabulary["<s>"] != nil && vocabulary["</s>"] != nil ? .roberta : .gpt2
        case let name?:
            let known = "RobertaTokenizer, BartTokenizer, LongformerTokenizer, GPT2Tokenizer, \(clipClass)"
            throw TokenizerError(
                file: files.path(of: TokenizerFiles.configuration), key: "tokenizer_class",
                problem: "\(quoted(name)) is not "
                    + "known without \(TokenizerFiles.tokenizer); of \(TokenizerFiles.vocabularyJSON) and "
                    + "\(TokenizerFiles.merges) can be made \(known)")
        }
    }
}
