import Foundation
import JSON

extension PretrainedTokenizer {
    public func save(to directory: URL) throws {
        var contents = storage.files?.contents ?? [:]
        let pipeline = storage.pipeline
        func fill(_ name: String, _ text: @autoclosure () -> String) {
            if contents[name] == nil { contents[name] = Data(text().utf8) }
        }
        func json(_ value: JSONValue) -> String { value.serialized(JSONStyle(indentation: 2, sortsKeys: false)) + "\n" }
        if let document = storage.document { fill(TokenizerFiles.tokenizer, json(document.json(pipeline.addedTokens))) }
        fill(TokenizerFiles.configuration, json(configurationJSON))
        fill(TokenizerFiles.specialTokens, json(.object(specialTokens { $0 })))
        for (name, text) in pipeline.model.files { fill(name, text) }
        try TokenizerFiles.write(contents, to: directory)
    }

    /// Only of added tokens: whoever reads the file would make the others such, and then find them in texts.
    ///
    /// - Parameter marked: What becomes of the properties of a token that is not found just where it stands.
    private func specialTokens(_ marked: (JSONObject) -> JSONObject) -> JSONObject {
        let tokens = storage.configuration.specialTokens
        return JSONObject(
            members: SpecialTokens.keys.compactMap { key, path in
                guard let content = tokens[keyPath: path],
                    let token = storage.pipeline.addedTokens.first(where: { $0.content.isExactly(content) })
                else { return nil }
                return (key, token.isPlain ? .string(content) : .object(marked(token.properties)))
            })
    }

    private var configurationJSON: JSONValue {
        let configuration = storage.configuration
        var object = specialTokens { properties in
            var properties = properties
            properties["__type"] = "AddedToken"
            return properties
        }
        object["clean_up_tokenization_spaces"] = .bool(configuration.cleansUpSpaces)
        object["model_max_length"] = configuration.modelMaximumLength.map { .integer($0) }
        // A class that takes everything from tokenizer.json, unless that was made here.
        for (key, value) in (storage.document?.settings ?? ["tokenizer_class": "PreTrainedTokenizerFast"]).members {
            object[key] = value
        }
        return .object(JSONObject(members: object.members.sorted { $0.key < $1.key }))
    }
}
