import Foundation
import JSON

extension WordPieceTokenizer {
    /// From `tokenizer.json`; completes the special tokens of the configuration.
    static func pipeline(
        _ node: Node, _ configuration: inout TokenizerConfiguration, _ files: TokenizerFiles
    ) throws -> TokenizerPipeline {
        let model = try SubwordModelReader.read(try node.required("model"))
        var normalizer = try NormalizerReader.read(try node.member("normalizer"))
        if let bert = normalizer as? BertNormalizer { normalizer = configuration.adjusted(bert) }
        var added = try node.present("added_tokens")?.elements().map { element in
            (token: try AddedToken(element), node: element)
        } ?? []
        for (token, element) in added { try check(token, element, model.vocabulary) }
        added.sort { $0.token.id < $1.token.id }
        for (first, second) in zip(added, added.dropFirst()) where first.token.id == second.token.id {
            throw second.node.error(
                "\"\(first.token.content)\" and \"\(second.token.content)\" have the same id \(first.token.id)")
        }
        let truncation = try node.present("truncation")?.present("direction")
        let truncatesLeft = try configuration.truncatesLeft ?? truncation.map(TokenizerConfiguration.isLeft)
        try fillIn(&configuration, from: node, added.map(\.token), model)
        return TokenizerPipeline(
            normalizer: normalizer,
            preTokenizer: try PreTokenizerReader.read(try node.member("pre_tokenizer")),
            model: model,
            postProcessor: try PostProcessorReader.read(try node.member("post_processor")),
            decoder: try TokenDecoderReader.read(try node.member("decoder")),
            addedTokens: completed(added.map(\.token), configuration, model.vocabulary),
            truncatesLeft: truncatesLeft ?? false)
    }

    private static func check(_ token: AddedToken, _ node: Node, _ vocabulary: Vocabulary) throws {
        if let id = vocabulary.id(of: token.content), id != token.id {
            throw node.error("\"\(token.content)\" has id \(token.id) here and \(id) in model.vocab")
        }
        if let other = vocabulary.token(of: token.id), !other.isExactly(token.content) {
            throw node.error("id \(token.id) of \"\(token.content)\" is that of \"\(other)\" in model.vocab")
        }
    }

    /// Special tokens that no configuration names: what `tokenizer.json` tells of them.
    private static func fillIn(
        _ configuration: inout TokenizerConfiguration, from node: Node, _ added: [AddedToken],
        _ model: any SubwordModel
    ) throws {
        var found = SpecialTokens()
        for (_, path) in SpecialTokens.keys {
            let usual = SpecialTokens.bert[keyPath: path]
            if added.contains(where: { $0.content == usual && $0.isSpecial }) { found[keyPath: path] = usual }
        }
        if let padding = try node.present("padding")?.present("pad_token") {
            found.padding = try padding.string()
        }
        if let model = model as? WordPieceModel { found.unknown = model.unknownToken }
        for (_, path) in SpecialTokens.keys where configuration.specialTokens[keyPath: path] == nil {
            configuration.specialTokens[keyPath: path] = found[keyPath: path]
        }
    }

    /// Adds the tokens that only the configuration names; those of no known id come after all others, as in
    /// the reference.
    private static func completed(
        _ tokens: [AddedToken], _ configuration: TokenizerConfiguration, _ vocabulary: Vocabulary
    ) -> [AddedToken] {
        var tokens = tokens
        var next = Swift.max(vocabulary.idBound, Int(tokens.map(\.id).max() ?? -1) + 1)
        for token in configuration.tokens {
            if tokens.contains(where: { $0.content.isExactly(token.content) }) { continue }
            if let id = vocabulary.id(of: token.content) {
                tokens.append(token.with(id: id))
            } else {
                tokens.append(token.with(id: Int32(next)))
                next += 1
            }
        }
        return tokens
    }

    /// From `vocab.txt`: one token a line, whose number from 0 on is its id.
    static func pipeline(
        vocabulary data: Data, _ configuration: inout TokenizerConfiguration, _ files: TokenizerFiles
    ) throws -> TokenizerPipeline {
        let file = files.path(of: TokenizerFiles.vocabulary)
        guard files.contents[TokenizerFiles.addedTokens] == nil else {
            throw TokenizerError(
                file: files.path(of: TokenizerFiles.addedTokens),
                problem: "is not read; give a \(TokenizerFiles.tokenizer), which names such tokens too")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw TokenizerError(file: file, problem: "the file is not UTF-8")
        }
        var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
            .map { Substring($0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0) }
        if lines.last?.isEmpty == true { lines.removeLast() }
        let vocabulary = try Vocabulary(tokens: lines.map(String.init)) { first, second in
            TokenizerError(
                file: file, key: "line \(second + 1)",
                problem: "\"\(lines[second])\" stands in line \(first + 1) already")
        }

        if let map = try files.json(TokenizerFiles.specialTokens) { try configuration.readSpecialTokens(map) }
        for (_, path) in SpecialTokens.keys where configuration.specialTokens[keyPath: path] == nil {
            let usual = SpecialTokens.bert[keyPath: path]
            configuration.specialTokens[keyPath: path] = usual
            if let usual, !configuration.tokens.contains(where: { $0.content == usual }) {
                configuration.tokens.append(AddedToken(id: -1, content: usual))
            }
        }
        func required(_ path: KeyPath<SpecialTokens, String?>, _ name: String) throws -> (String, Int32) {
            let token = configuration.specialTokens[keyPath: path] ?? ""
            guard let id = vocabulary.id(of: token) else {
                throw TokenizerError(
                    file: file, problem: "the \(name) token \"\(token)\" is not in the vocabulary")
            }
            return (token, id)
        }
        let (unknown, _) = try required(\.unknown, "unknown")
        let (_, classifierID) = try required(\.classifier, "classifier")
        let (_, separatorID) = try required(\.separator, "separator")
        let normalizer = BertNormalizer(
            isolatesIdeographs: configuration.isolatesIdeographs ?? true,
            stripsAccents: configuration.stripsAccents ?? nil, lowercases: configuration.lowercases ?? true)
        return TokenizerPipeline(
            normalizer: normalizer, preTokenizer: BertPreTokenizer(),
            model: WordPieceModel(vocabulary: vocabulary, unknownToken: unknown),
            postProcessor: BertPostProcessor(classifierID: classifierID, separatorID: separatorID),
            decoder: WordPieceDecoder(), addedTokens: completed([], configuration, vocabulary),
            truncatesLeft: configuration.truncatesLeft ?? false)
    }
}
