import JSON

/// The parts of `tokenizer.json`: what each `type` stands for. A new component is its own file and a line here.
enum TokenizerComponents {
    /// The name of a component's kind, and how one is made from the object that has this `type`.
    typealias Kind<Component> = (name: String, value: (Node) throws -> Component)

    private static var normalizers: [Kind<any Normalizer>] {
        [
            ("BertNormalizer", BertNormalizer.init),
            ("NFC", { _ in UnicodeNormalizer(composes: true, isCompatible: false) }),
            ("NFD", { _ in UnicodeNormalizer(composes: false, isCompatible: false) }),
            ("NFKC", { _ in UnicodeNormalizer(composes: true, isCompatible: true) }),
            ("NFKD", { _ in UnicodeNormalizer(composes: false, isCompatible: true) }),
            ("Lowercase", { _ in Lowercase() }),
            ("StripAccents", { _ in StripAccents() }),
            ("Strip", StripNormalizer.init),
            ("Replace", Replace.init),
            ("Prepend", Prepend.init),
            ("Precompiled", CharacterMap.init),
            ("Nmt", { _ in Nmt() }),
            ("ByteLevel", { _ in ByteLevelNormalizer() }),
            ("Sequence", NormalizerSequence.init),
        ]
    }

    private static var preTokenizers: [Kind<any PreTokenizer>] {
        [
            ("BertPreTokenizer", { _ in BertPreTokenizer() }),
            ("ByteLevel", ByteLevel.init),
            ("Metaspace", Metaspace.init),
            ("Whitespace", { _ in WhitespacePreTokenizer() }),
            ("WhitespaceSplit", { _ in CharacterSplit(at: .blank, .removed) }),
            ("CharDelimiterSplit", CharacterSplit.init(delimiter:)),
            ("Punctuation", CharacterSplit.init(punctuation:)),
            ("Digits", CharacterSplit.init(digits:)),
            ("Split", PatternSplit.init),
            ("UnicodeScripts", { _ in UnicodeScripts() }),
            ("FixedLength", FixedLength.init),
            ("Sequence", PreTokenizerSequence.init),
        ]
    }

    private static var models: [Kind<any SubwordModel>] {
        [
            ("WordPiece", WordPieceModel.init), ("BPE", BytePairModel.init), ("Unigram", UnigramModel.init),
            ("WordLevel", WordLevelModel.init),
        ]
    }

    private static var postProcessors: [Kind<any PostProcessor>] {
        [
            ("TemplateProcessing", TemplatePostProcessor.init),
            ("BertProcessing", { try ClassifierPostProcessor($0, separatorsBetween: 1, secondType: 1, trims: false) }),
            ("RobertaProcessing", { try ClassifierPostProcessor($0, separatorsBetween: 2, secondType: 0, trims: true) }),
            ("ByteLevel", ByteLevel.init),
            ("Sequence", PostProcessorSequence.init),
        ]
    }

    private static var decoders: [Kind<any TokenDecoder>] {
        [
            ("WordPiece", WordPieceDecoder.init),
            ("ByteLevel", ByteLevel.init),
            ("Metaspace", Metaspace.init),
            ("BPEDecoder", SuffixDecoder.init),
            ("ByteFallback", { _ in ByteFallback() }),
            ("Replace", Replace.init),
            ("Strip", StripDecoder.init),
            ("Fuse", { _ in Fuse() }),
            ("CTC", CTCDecoder.init),
            ("Sequence", DecoderSequence.init),
        ]
    }

    /// - Returns: nil for null: text is taken as it is.
    static func normalizer(_ node: Node?) throws -> (any Normalizer)? { try make(node, normalizers) }

    /// - Returns: nil for null: the text is one word.
    static func preTokenizer(_ node: Node?) throws -> (any PreTokenizer)? { try make(node, preTokenizers) }

    /// - Returns: nil for null: no special tokens.
    static func postProcessor(_ node: Node?) throws -> (any PostProcessor)? { try make(node, postProcessors) }

    /// - Returns: nil for null: tokens are joined by spaces.
    static func decoder(_ node: Node?) throws -> (any TokenDecoder)? { try make(node, decoders) }

    static func model(_ node: Node) throws -> any SubwordModel {
        guard try node.member("type") == nil else { return try make(node, type: node.required("type").string(), models) }
        // Old files name no type; each kind has keys of its own.
        let keys = try node.object().keys
        let type =
            keys.contains("max_input_chars_per_word")
            ? "WordPiece" : keys.contains("merges") ? "BPE" : keys.contains("unk_id") ? "Unigram" : nil
        return try make(node, type: type ?? node.required("type").string(), models)
    }

    /// The components of a list under `key`: the parts of a `Sequence`.
    static func list<Component>(_ node: Node, _ key: String, _ make: (Node?) throws -> Component?) throws -> [Component] {
        try node.required(key).elements().map { element in
            guard let component = try make(element) else { throw element.mismatch("a component") }
            return component
        }
    }

    private static func make<Component>(_ node: Node?, _ kinds: [Kind<Component>]) throws -> Component? {
        guard let node, !node.isNull else { return nil }
        return try make(node, type: node.required("type").string(), kinds)
    }

    private static func make<Component>(_ node: Node, type: String, _ kinds: [Kind<Component>]) throws -> Component {
        guard let kind = kinds.first(where: { $0.name == type }) else {
            throw node.unsupported("type", type, among: kinds.map(\.name))
        }
        return try kind.value(node)
    }
}
