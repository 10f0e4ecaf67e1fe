import JSON

extension TokenizerPipeline {
    /// From `tokenizer.json`; completes the special tokens of the configuration.
    init(_ node: Node, _ configuration: inout TokenizerConfiguration) throws {
        let model = try TokenizerComponents.model(try node.required("model"))
        var added =
            try node.present("added_tokens")?.elements().map { element in
                (token: try AddedToken(element), node: element)
            } ?? []
        for (token, element) in added { try Self.check(token, element, model.vocabulary) }
        added.sort { $0.token.id < $1.token.id }
        for (first, second) in zip(added, added.dropFirst()) where first.token.id == second.token.id {
            throw second.node.error(
                "\"\(first.token.content)\" and \"\(second.token.content)\" have the same id \(first.token.id)")
        }
        let truncation = try node.present("truncation")?.present("direction")
        let truncatesLeft = try configuration.truncatesLeft ?? truncation.map(TokenizerConfiguration.isLeft)
        var special = Self.usualTokens(among: added.map(\.token))
        if let padding = try node.present("padding")?.present("pad_token") { special.padding = try padding.string() }
        special.unknown = model.unknownToken ?? special.unknown
        configuration.specialTokens.fill(from: special)
        self.init(
            normalizer: try TokenizerComponents.normalizer(try node.member("normalizer")),
            preTokenizer: try TokenizerComponents.preTokenizer(try node.member("pre_tokenizer")),
            model: model,
            postProcessor: try TokenizerComponents.postProcessor(try node.member("post_processor")),
            decoder: try TokenizerComponents.decoder(try node.member("decoder")),
            addedTokens: Self.completed(added.map(\.token), configuration, model.vocabulary),
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

    /// Special tokens that no configuration names are told by their usual spelling.
    private static func usualTokens(among added: [AddedToken]) -> SpecialTokens {
        var found = SpecialTokens()
        for usual in [SpecialTokens.bert, .roberta] {
            for (_, path) in SpecialTokens.keys {
                guard found[keyPath: path] == nil, let token = usual[keyPath: path],
                    added.contains(where: { $0.isSpecial && $0.content.isExactly(token) })
                else { continue }
                found[keyPath: path] = token
            }
        }
        return found
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
}
