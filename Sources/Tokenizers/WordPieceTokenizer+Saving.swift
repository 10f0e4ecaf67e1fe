import Foundation
import JSON

extension WordPieceTokenizer {
    public func save(to directory: URL) throws {
        var contents = storage.files?.contents ?? [:]
        let pipeline = storage.pipeline
        func fill(_ name: String, _ text: @autoclosure () -> String) {
            if contents[name] == nil { contents[name] = Data(text().utf8) }
        }
        func json(_ value: JSONValue) -> String { value.serialized(JSONStyle(indentation: 2, sortsKeys: false)) + "\n" }
        fill(TokenizerFiles.tokenizer, json(tokenizerJSON(pipeline)))
        fill(TokenizerFiles.configuration, json(configurationJSON(pipeline)))
        fill(TokenizerFiles.specialTokens, json(.object(JSONObject(members: specialTokens(pipeline)))))
        // An id without a token is an empty line, as it is read.
        fill(TokenizerFiles.vocabulary, vocabularyTokens(pipeline).map { ($0 ?? "") + "\n" }.joined())
        try TokenizerFiles.write(contents, to: directory)
    }

    /// The tokens of the model by id; those that were added later are not among them.
    private func vocabularyTokens(_ pipeline: TokenizerPipeline) -> [String?] {
        (0..<pipeline.model.vocabulary.idBound).map { pipeline.model.vocabulary.token(of: Int32($0)) }
    }

    /// Only of added tokens: whoever reads the file would make the others such, and then find them in texts.
    private func specialTokens(_ pipeline: TokenizerPipeline) -> [(key: String, value: JSONValue)] {
        storage.configuration.specialTokens.members.filter { member in
            guard case .string(let content) = member.value else { return false }
            return pipeline.addedTokens.contains { $0.content.isExactly(content) }
        }
    }

    private func configurationJSON(_ pipeline: TokenizerPipeline) -> JSONValue {
        let configuration = storage.configuration
        var object = JSONObject(members: specialTokens(pipeline))
        object["clean_up_tokenization_spaces"] = .bool(configuration.cleansUpSpaces)
        object["model_max_length"] = configuration.modelMaximumLength.map { .integer($0) }
        if storage.files?.contents[TokenizerFiles.tokenizer] != nil {
            // The class that takes everything from tokenizer.json.
            object["tokenizer_class"] = "PreTrainedTokenizerFast"
        } else {
            object["tokenizer_class"] = "BertTokenizer"
            if let normalizer = pipeline.normalizer as? BertNormalizer {
                object["do_lower_case"] = .bool(normalizer.lowercases)
                object["strip_accents"] = normalizer.stripsAccents.map { .bool($0) } ?? .null
                object["tokenize_chinese_chars"] = .bool(normalizer.isolatesIdeographs)
            }
        }
        return .object(JSONObject(members: object.members.sorted { $0.key < $1.key }))
    }

    private func tokenizerJSON(_ pipeline: TokenizerPipeline) -> JSONValue {
        [
            "version": "1.0", "truncation": .null, "padding": .null,
            "added_tokens": .array(pipeline.addedTokens.map(\.json)),
            "normalizer": (pipeline.normalizer as? BertNormalizer)?.json ?? .null,
            "pre_tokenizer": ["type": "BertPreTokenizer"],
            "post_processor": templateJSON(pipeline),
            "decoder": ["type": "WordPiece", "prefix": "##", "cleanup": true],
            "model": modelJSON(pipeline),
        ]
    }

    private func modelJSON(_ pipeline: TokenizerPipeline) -> JSONValue {
        guard let model = pipeline.model as? WordPieceModel else { return .null }
        let vocabulary = vocabularyTokens(pipeline).enumerated().compactMap { id, token in
            token.map { (key: $0, value: JSONValue.integer(id)) }
        }
        return [
            "type": "WordPiece", "unk_token": .string(model.unknownToken),
            "continuing_subword_prefix": .string(model.continuingPrefix),
            "max_input_chars_per_word": .integer(model.longestWord),
            "vocab": .object(JSONObject(members: vocabulary)),
        ]
    }

    /// `cls A sep`, and `cls A sep B sep` for pairs, whose second part has type 1.
    private func templateJSON(_ pipeline: TokenizerPipeline) -> JSONValue {
        let leading = pipeline.template.leading, trailing = pipeline.template.trailing
        func special(_ ids: [Int32], _ type: Int) -> [JSONValue] {
            ids.compactMap { pipeline.token(of: $0) }.map { part("SpecialToken", $0, type) }
        }
        func part(_ kind: String, _ id: String, _ type: Int) -> JSONValue {
            .object(JSONObject(members: [(kind, ["id": .string(id), "type_id": .integer(type)])]))
        }
        let single = special(leading, 0) + [part("Sequence", "A", 0)] + special(trailing, 0)
        let second = [part("Sequence", "B", 1)] + special(trailing, 1)
        let tokens = Set(leading + trailing).sorted().compactMap { id in
            pipeline.token(of: id).map { token in
                (key: token, value: ["id": .string(token), "ids": [.integer(Int(id))], "tokens": [.string(token)]] as JSONValue)
            }
        }
        return [
            "type": "TemplateProcessing", "single": .array(single), "pair": .array(single + second),
            "special_tokens": .object(JSONObject(members: tokens)),
        ]
    }
}

extension BertNormalizer {
    var json: JSONValue {
        [
            "type": "BertNormalizer", "clean_text": .bool(cleansText), "handle_chinese_chars": .bool(isolatesIdeographs),
            "strip_accents": stripsAccents.map { .bool($0) } ?? .null, "lowercase": .bool(lowercases),
        ]
    }
}
