import Foundation

extension WordPieceTokenizer {
    public func save(to directory: URL) throws {
        var contents = storage.files?.contents ?? [:]
        let pipeline = storage.pipeline
        func fill(_ name: String, _ bytes: @autoclosure () -> [UInt8]) {
            if contents[name] == nil { contents[name] = Data(bytes()) }
        }
        fill(TokenizerFiles.tokenizer, tokenizerJSON(pipeline).serialized())
        fill(TokenizerFiles.configuration, configurationJSON(pipeline).serialized())
        fill(TokenizerFiles.specialTokens, JSON.object(specialTokens(pipeline)).serialized())
        // An id without a token is an empty line, as it is read.
        fill(TokenizerFiles.vocabulary, vocabularyTokens(pipeline).flatMap { Array(($0 ?? "").utf8) + [0x0A] })
        try TokenizerFiles.write(contents, to: directory)
    }

    /// The tokens of the model by id; those that were added later are not among them.
    private func vocabularyTokens(_ pipeline: TokenizerPipeline) -> [String?] {
        (0..<pipeline.model.vocabulary.idBound).map { pipeline.model.vocabulary.token(of: Int32($0)) }
    }

    /// Only of added tokens: whoever reads the file would make the others such, and then find them in texts.
    private func specialTokens(_ pipeline: TokenizerPipeline) -> [JSON.Member] {
        storage.configuration.specialTokens.members.filter { member in
            guard case .string(let content) = member.value else { return false }
            return pipeline.addedTokens.contains { $0.content.isExactly(content) }
        }
    }

    private func configurationJSON(_ pipeline: TokenizerPipeline) -> JSON {
        let configuration = storage.configuration
        var members = specialTokens(pipeline)
        members.append(.init("clean_up_tokenization_spaces", .bool(configuration.cleansUpSpaces)))
        if let length = configuration.modelMaximumLength {
            members.append(.init("model_max_length", .integer(length)))
        }
        if storage.files?.contents[TokenizerFiles.tokenizer] != nil {
            // The class that takes everything from tokenizer.json.
            members.append(.init("tokenizer_class", .string("PreTrainedTokenizerFast")))
        } else {
            members.append(.init("tokenizer_class", .string("BertTokenizer")))
            if let normalizer = pipeline.normalizer as? BertNormalizer {
                members.append(.init("do_lower_case", .bool(normalizer.lowercases)))
                members.append(.init("strip_accents", normalizer.stripsAccents.map { .bool($0) } ?? .null))
                members.append(.init("tokenize_chinese_chars", .bool(normalizer.isolatesIdeographs)))
            }
        }
        return .object(members.sorted { $0.key < $1.key })
    }

    private func tokenizerJSON(_ pipeline: TokenizerPipeline) -> JSON {
        .object([
            .init("version", .string("1.0")), .init("truncation", .null), .init("padding", .null),
            .init("added_tokens", .array(pipeline.addedTokens.map(\.json))),
            .init("normalizer", (pipeline.normalizer as? BertNormalizer)?.json ?? .null),
            .init("pre_tokenizer", .object([.init("type", .string("BertPreTokenizer"))])),
            .init("post_processor", templateJSON(pipeline)),
            .init("decoder", .object([
                .init("type", .string("WordPiece")), .init("prefix", .string("##")),
                .init("cleanup", .bool(true)),
            ])),
            .init("model", modelJSON(pipeline)),
        ])
    }

    private func modelJSON(_ pipeline: TokenizerPipeline) -> JSON {
        guard let model = pipeline.model as? WordPieceModel else { return .null }
        let vocabulary = vocabularyTokens(pipeline).enumerated().compactMap { id, token in
            token.map { JSON.Member($0, .integer(id)) }
        }
        return .object([
            .init("type", .string("WordPiece")), .init("unk_token", .string(model.unknownToken)),
            .init("continuing_subword_prefix", .string(model.continuingPrefix)),
            .init("max_input_chars_per_word", .integer(model.longestWord)),
            .init("vocab", .object(vocabulary)),
        ])
    }

    /// `cls A sep`, and `cls A sep B sep` for pairs, whose second part has type 1.
    private func templateJSON(_ pipeline: TokenizerPipeline) -> JSON {
        let leading = pipeline.postProcessor?.leading ?? [], trailing = pipeline.postProcessor?.trailing ?? []
        func special(_ ids: [Int32], _ type: Int) -> [JSON] {
            ids.compactMap { pipeline.token(of: $0) }.map { part("SpecialToken", $0, type) }
        }
        func part(_ kind: String, _ id: String, _ type: Int) -> JSON {
            .object([.init(kind, .object([.init("id", .string(id)), .init("type_id", .integer(type))]))])
        }
        let single = special(leading, 0) + [part("Sequence", "A", 0)] + special(trailing, 0)
        let second = [part("Sequence", "B", 1)] + special(trailing, 1)
        let tokens = Set(leading + trailing).sorted().compactMap { id in
            pipeline.token(of: id).map { token in
                JSON.Member(token, .object([
                    .init("id", .string(token)), .init("ids", .array([.integer(Int(id))])),
                    .init("tokens", .array([.string(token)])),
                ]))
            }
        }
        return .object([
            .init("type", .string("TemplateProcessing")), .init("single", .array(single)),
            .init("pair", .array(single + second)), .init("special_tokens", .object(tokens)),
        ])
    }
}

extension BertNormalizer {
    var json: JSON {
        .object([
            .init("type", .string("BertNormalizer")), .init("clean_text", .bool(cleansText)),
            .init("handle_chinese_chars", .bool(isolatesIdeographs)),
            .init("strip_accents", stripsAccents.map { .bool($0) } ?? .null),
            .init("lowercase", .bool(lowercases)),
        ])
    }
}
