import Foundation
import JSON

/// A kind of tokenizer that the reference makes of a model of SentencePiece.
private enum SentencePieceFamily {
    case xlmRoberta
    case camembert
    case t5
    case albert
    case deberta
    case llama
    case gemma
    /// As the file itself says.
    case plain

    /// Names of classes, without `Tokenizer`, and of model types.
    static let named: [(name: String, type: String, family: SentencePieceFamily)] = [
        ("XLMRoberta", "xlm-roberta", .xlmRoberta), ("Camembert", "camembert", .camembert), ("T5", "t5", .t5), ("MT5", "mt5", .t5),
        ("Albert", "albert", .albert), ("DebertaV2", "deberta-v2", .deberta), ("Llama", "llama", .llama), ("Gemma", "gemma", .gemma),
        ("Gemma", "gemma2", .gemma), ("Gemma", "gemma3_text", .gemma),
    ]

    var usual: SpecialTokens {
        switch self {
        case .xlmRoberta, .camembert: .roberta
        case .t5: SpecialTokens(end: "</s>", unknown: "<unk>", padding: "<pad>")
        case .albert:
            SpecialTokens(
                beginning: "[CLS]", end: "[SEP]", unknown: "<unk>", separator: "[SEP]", padding: "<pad>", classifier: "[CLS]",
                mask: "[MASK]")
        case .deberta:
            SpecialTokens(
                beginning: "[CLS]", end: "[SEP]", unknown: "[UNK]", separator: "[SEP]", padding: "[PAD]", classifier: "[CLS]",
                mask: "[MASK]")
        case .llama, .plain: SpecialTokens(beginning: "<s>", end: "</s>", unknown: "<unk>")
        case .gemma: SpecialTokens(beginning: "<bos>", end: "<eos>", unknown: "<unk>", padding: "<pad>", mask: "<mask>")
        }
    }
}

extension TokenizerDocument {
    /// From a model of SentencePiece, in the way that the reference has for the tokenizer's class; nil when the folder has none.
    /// Completes the special tokens of the configuration.
    init?(sentencePiece files: TokenizerFiles, _ configuration: inout TokenizerConfiguration) throws {
        guard let name = TokenizerFiles.sentencePieceModels.first(where: { files.contents[$0] != nil }),
            let data = files.contents[name]
        else { return nil }
        let model = try SentencePieceFile([UInt8](data), file: files.path(of: name))
        let family = try Self.family(configuration, files)
        let settings = configuration.settings
        func option(_ key: String, _ usual: Bool) throws -> Bool { try settings?.present(key)?.bool() ?? usual }
        if family == .camembert, configuration.specialTokens.mask == nil {
            configuration.specialTokens.mask = "<mask>"
            var mask = AddedToken(id: -1, content: "<mask>")
            mask.stripsLeft = true
            configuration.tokens.append(mask)
        }
        configuration.completeSpecialTokens(family.usual)
        let tokens = configuration.specialTokens
        for piece in model.pieces where piece.kind == .control || piece.kind == .userDefined {
            if piece.text.isEmpty || configuration.tokens.contains(where: { $0.content.isExactly(piece.text) }) { continue }
            var token = AddedToken(id: -1, content: piece.text)
            token.isSpecial = piece.kind == .control
            configuration.tokens.append(token)
        }
        // The pieces by their ids.
        var pieces = model.pieces.map { ($0.text, Double($0.score)) }
        var unknownID = model.unknownID
        func special(_ path: KeyPath<SpecialTokens, String?>) -> (String, Double) { (tokens[keyPath: path] ?? "", 0) }
        switch family {
        case .xlmRoberta:
            let first = [special(\.beginning), special(\.padding), special(\.end), special(\.unknown)]
            pieces = first + pieces.dropFirst(3) + [special(\.mask)]
            unknownID = 3
        case .camembert:
            let first = [("<s>NOTUSED", 0), special(\.padding), ("</s>NOTUSED", 0), special(\.unknown), ("<unk>NOTUSED", -100)]
            pieces = first + pieces.dropFirst() + [special(\.mask)]
            unknownID = pieces.firstIndex { $0.0.isExactly(tokens.unknown ?? "") } ?? 0
        case .t5:
            let count = try settings?.present("extra_ids")?.integer(in: 0...10_000) ?? 100
            for index in (0..<count).reversed() {
                pieces.append(("<extra_id_\(index)>", 0))
                configuration.tokens.append(AddedToken(id: -1, content: "<extra_id_\(index)>"))
            }
            unknownID = 2
        case .albert: unknownID = 1
        case .deberta: unknownID = pieces.firstIndex { $0.0.isExactly(tokens.unknown ?? "") && $0.1 == 0 } ?? unknownID
        case .llama, .gemma, .plain: break
        }
        if pieces.count <= unknownID {
            throw TokenizerError(
                file: files.path(of: name), problem: "the unknown token has id \(unknownID), there are \(pieces.count) pieces")
        }
        let isUnigram =
            switch family {
            case .llama, .gemma: false
            case .plain: model.kind == .unigram
            default: true
            }
        if isUnigram != (model.kind == .unigram) {
            throw TokenizerError(
                file: files.path(of: name),
                problem: "the model is \(model.kind == .unigram ? "a unigram model" : "no unigram model"), which a tokenizer of this class "
                    + "\(isUnigram ? "has to be" : "cannot be")")
        }
        let parts = try Self.parts(family, model, option)
        let modelJSON =
            isUnigram
            ? Self.unigram(pieces, unknownID, hasByteFallback: family == .plain && model.hasByteFallback)
            : Self.bytePairs(family, model)
        self.init(
            file: files.path(of: name), normalizer: parts.normalizer, preTokenizer: parts.preTokenizer,
            postProcessor: try Self.postProcessor(family, tokens, option) { token in
                // Tokens that are no pieces follow them.
                let more = configuration.tokens.filter { token in !pieces.contains { $0.0.isExactly(token.content) } }
                return pieces.lastIndex { $0.0.isExactly(token) }
                    ?? more.firstIndex { $0.content.isExactly(token) }.map { pieces.count + $0 }
            },
            decoder: parts.decoder, model: modelJSON, settings: Self.settings(configuration))
    }

    /// What is in `tokenizer_config.json` already, without tokens.
    private static func settings(_ configuration: TokenizerConfiguration) -> JSONObject {
        ["tokenizer_class": .string(configuration.tokenizerClass ?? "PreTrainedTokenizerFast")]
    }

    private static func family(_ configuration: TokenizerConfiguration, _ files: TokenizerFiles) throws -> SentencePieceFamily {
        let named = SentencePieceFamily.named
        if let name = configuration.classFamily, name != "PreTrainedTokenizer" {
            if let found = named.first(where: { $0.name + "Tokenizer" == name }) { return found.family }
            throw TokenizerError(
                file: files.path(of: TokenizerFiles.configuration), key: "tokenizer_class",
                problem: "\(quoted(name)) is not known without \(TokenizerFiles.tokenizer); of a model of SentencePiece can be made "
                    + Set(named.map { $0.name + "Tokenizer" }).sorted().joined(separator: ", "))
        }
        let type = try files.json(TokenizerFiles.modelConfiguration)?.present("model_type")?.string()
        return named.first { $0.type == type }?.family ?? .plain
    }

    // MARK: Models

    private static func unigram(_ pieces: [(String, Double)], _ unknownID: Int, hasByteFallback: Bool) -> JSONValue {
        [
            "type": "Unigram", "unk_id": .integer(unknownID),
            "vocab": .array(pieces.map { .array([.string($0.0), .number(JSONNumber($0.1))]) }), "byte_fallback": .bool(hasByteFallback),
        ]
    }

    private static func bytePairs(_ family: SentencePieceFamily, _ model: SentencePieceFile) -> JSONValue {
        var ids: [ExactKey: Int] = [:]
        for (id, piece) in model.pieces.enumerated() { ids[ExactKey(piece.text)] = id }
        struct Merge {
            let first: String, second: String, order: [Double]
        }
        var merges: [Merge] = []
        for (id, piece) in model.pieces.enumerated() where ids[ExactKey(piece.text)] == id {
            let scalars = piece.text.unicodeScalars
            if scalars.count < 2 || family == .plain && piece.kind != .normal { continue }
            for split in 1..<scalars.count {
                let first = String(scalars.prefix(split)), second = String(scalars.dropFirst(split))
                guard let firstID = ids[ExactKey(first)], let secondID = ids[ExactKey(second)] else { continue }
                if family == .plain {
                    guard model.pieces[firstID].kind == .normal, model.pieces[secondID].kind == .normal else { continue }
                    merges.append(Merge(first: first, second: second, order: [-Double(piece.score), Double(id), Double(split)]))
                } else {
                    merges.append(
                        Merge(first: first, second: second, order: [Double(id), Double(split), Double(firstID), Double(secondID)]))
                }
            }
        }
        merges.sort { $0.order.lexicographicallyPrecedes($1.order) }
        let unknown: JSONValue =
            switch family {
            case .llama: .null
            case .gemma: "<unk>"
            default: .string(model.unknownPiece)
            }
        let members: [(key: String, value: JSONValue)] = model.pieces.enumerated().compactMap { id, piece in
            ids[ExactKey(piece.text)] == id ? (piece.text, .integer(id)) : nil
        }
        return [
            "type": "BPE", "dropout": .null, "unk_token": unknown, "continuing_subword_prefix": .null, "end_of_word_suffix": .null,
            "fuse_unk": true, "byte_fallback": .bool(family != .plain || model.hasByteFallback),
            "ignore_merges": .bool(family == .plain && model.pieces.contains { $0.kind == .userDefined }),
            "vocab": .object(JSONObject(members: members)),
            "merges": .array(merges.map { .array([.string($0.first), .string($0.second)]) }),
        ]
    }

    // MARK: What is around them

    private static func replacing(_ text: String, _ content: String) -> JSONValue {
        ["type": "Replace", "pattern": ["String": .string(text)], "content": .string(content)]
    }

    private static func replacing(expression: String, _ content: String) -> JSONValue {
        ["type": "Replace", "pattern": ["Regex": .string(expression)], "content": .string(content)]
    }

    private static func metaspace(_ scheme: String, splits: Bool = true) -> JSONValue {
        ["type": "Metaspace", "replacement": "▁", "prepend_scheme": .string(scheme), "split": .bool(splits)]
    }

    private static func parts(
        _ family: SentencePieceFamily, _ model: SentencePieceFile, _ option: (String, Bool) throws -> Bool
    ) throws -> (normalizer: JSONValue, preTokenizer: JSONValue, decoder: JSONValue) {
        let map: [JSONValue] =
            model.characterMap.isEmpty
            ? [] : [["type": "Precompiled", "precompiled_charsmap": .string(Data(model.characterMap).base64EncodedString())]]
        func sequence(_ parts: [JSONValue]) -> JSONValue { ["type": "Sequence", "normalizers": .array(parts)] }
        func words(_ scheme: String) -> JSONValue {
            ["type": "Sequence", "pretokenizers": [["type": "WhitespaceSplit"], metaspace(scheme)]]
        }
        func bytes(_ more: [JSONValue]) -> JSONValue {
            ["type": "Sequence", "decoders": .array([replacing("▁", " "), ["type": "ByteFallback"], ["type": "Fuse"]] + more)]
        }
        let strip: JSONValue = ["type": "Strip", "content": " ", "start": 1, "stop": 0]
        let prefixes = try option("add_prefix_space", true)
        switch family {
        case .xlmRoberta, .camembert, .t5:
            let scheme = prefixes || family == .t5 ? "always" : "never"
            return (map.first ?? .null, words(scheme), metaspace(scheme))
        case .albert:
            var parts = [replacing("``", "\""), replacing("''", "\"")]
            if try !option("keep_accents", false) { parts += [["type": "NFKD"], ["type": "StripAccents"]] }
            if try option("do_lower_case", true) { parts.append(["type": "Lowercase"]) }
            let scheme = prefixes ? "always" : "never"
            return (sequence(parts + map), words(scheme), metaspace(scheme))
        case .deberta:
            let lower: [JSONValue] = try option("do_lower_case", false) ? [["type": "Lowercase"]] : []
            let strips: JSONValue = ["type": "Strip", "strip_left": false, "strip_right": true]
            let blanks = replacing(expression: #"\s{2,}|[\n\r\t]"#, " ")
            let punctuation: [JSONValue] =
                try option("split_by_punct", false) ? [["type": "Punctuation", "behavior": "Isolated"]] : []
            let scheme = prefixes ? "always" : "first"
            return (
                sequence(lower + [blanks, ["type": "NFC"], strips]),
                ["type": "Sequence", "pretokenizers": .array(punctuation + [metaspace(scheme)])], metaspace(scheme)
            )
        case .llama:
            let scheme = !prefixes ? "never" : try option("legacy", false) ? "always" : "first"
            return (.null, metaspace(scheme, splits: false), bytes(prefixes ? [strip] : []))
        case .gemma:
            return (
                replacing(" ", "▁"),
                ["type": "Split", "pattern": ["String": " "], "behavior": "MergedWithPrevious", "invert": false], bytes([])
            )
        case .plain:
            let isLegacy = try option("legacy", true)
            var parts = map
            if model.removesExtraBlanks { parts += [replacing(expression: #"\A +| +\z"#, ""), replacing(expression: " {2,}", " ")] }
            if model.escapesBlanks { parts.append(replacing(" ", "▁")) }
            if model.addsDummyPrefix, isLegacy { parts.append(replacing(expression: #"\A▁"#, "▁▁")) }
            var cuts: [JSONValue] = model.addsDummyPrefix ? [metaspace(isLegacy ? "always" : "first", splits: false)] : []
            let own = model.pieces.filter { $0.kind == .userDefined && !$0.text.isEmpty }.map(\.text)
            if !own.isEmpty {
                let texts = own.enumerated().sorted {
                    ($1.element.unicodeScalars.count, $0.offset) < ($0.element.unicodeScalars.count, $1.offset)
                }
                let pattern = texts.map { text in
                    text.element.unicodeScalars.map { $0.isASCII && !$0.properties.isAlphabetic ? "\\\($0)" : String($0) }.joined()
                }.joined(separator: "|")
                cuts.append(["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false])
            }
            var decoders: [JSONValue] = [replacing("▁", " ")]
            if model.hasByteFallback { decoders.append(["type": "ByteFallback"]) }
            if model.addsDummyPrefix || model.hasByteFallback { decoders.append(["type": "Fuse"]) }
            if model.addsDummyPrefix { decoders.append(strip) }
            return (
                sequence(parts), cuts.isEmpty ? .null : ["type": "Sequence", "pretokenizers": .array(cuts)],
                ["type": "Sequence", "decoders": .array(decoders)]
            )
        }
    }

    private static func postProcessor(
        _ family: SentencePieceFamily, _ tokens: SpecialTokens, _ option: (String, Bool) throws -> Bool, _ id: (String) -> Int?
    ) throws -> JSONValue {
        var known: [(key: String, value: JSONValue)] = []
        func special(_ token: String?, _ type: Int) -> JSONValue {
            let token = token ?? ""
            if let id = id(token), !known.contains(where: { $0.key.isExactly(token) }) {
                known.append((token, ["id": .string(token), "ids": [.integer(id)], "tokens": [.string(token)]]))
            }
            return ["SpecialToken": ["id": .string(token), "type_id": .integer(type)]]
        }
        func text(_ name: String, _ type: Int) -> JSONValue { ["Sequence": ["id": .string(name), "type_id": .integer(type)]] }
        let single: [JSONValue], pair: [JSONValue]
        switch family {
        case .xlmRoberta, .camembert:
            let end = special(tokens.end, 0)
            single = [special(tokens.beginning, 0), text("A", 0), end]
            pair = single + [end, text("B", 0), end]
        case .t5:
            single = [text("A", 0), special("</s>", 0)]
            pair = single + [text("B", 0), special("</s>", 0)]
        case .albert, .deberta:
            let classifier = family == .albert ? "[CLS]" : tokens.classifier, separator = family == .albert ? "[SEP]" : tokens.separator
            single = [special(classifier, 0), text("A", 0), special(separator, 0)]
            pair = single + [text("B", 1), special(separator, 1)]
        case .llama, .gemma, .plain:
            let begins = try option("add_bos_token", false) && tokens.beginning != nil
            let ends = try option("add_eos_token", false) && tokens.end != nil
            if !begins && !ends { return .null }
            func around(_ name: String, _ type: Int) -> [JSONValue] {
                (begins ? [special(tokens.beginning, type)] : []) + [text(name, type)] + (ends ? [special(tokens.end, type)] : [])
            }
            single = around("A", 0)
            pair = single + around("B", 1)
        }
        return [
            "type": "TemplateProcessing", "single": .array(single), "pair": .array(pair),
            "special_tokens": .object(JSONObject(members: known)),
        ]
    }
}
