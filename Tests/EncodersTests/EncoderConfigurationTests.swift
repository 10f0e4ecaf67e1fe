import Encoders
import Foundation
import JSON
import ModelFiles
import Testing

/// `config.json` of an encoder is understood, checked, and written back without loss.
struct EncoderConfigurationTests {
    private func read(_ text: String) throws -> EncoderConfiguration {
        let folder = try TemporaryFolder()
        try text.write(to: folder.file("c.json"), atomically: true, encoding: .utf8)
        return try EncoderConfiguration.read(contentsOf: folder.file("c.json"))
    }

    @Test func filesAreWrittenBackUnchanged() throws {
        let folder = try TemporaryFolder()
        let file = fixture("modelfiles/tiny-bert/config.json")
        try EncoderConfiguration.read(contentsOf: file).write(toFolder: folder.url)
        #expect(try JSONFile.read(folder.file("config.json")) == JSONFile.read(file))
    }

    @Test func bertConfiguration() throws {
        let bert = try EncoderConfiguration.read(contentsOf: fixture("modelfiles/tiny-bert/config.json"))
        #expect(bert.vocabularySize == 7 && bert.hiddenSize == 8 && bert.hiddenLayerCount == 1)
        #expect(bert.attentionHeadCount == 2 && bert.intermediateSize == 16)
        #expect(bert.maxPositionEmbeddings == 32 && bert.typeVocabularySize == 2 && bert.padTokenID == 0)
        #expect(bert.hiddenActivation == .gelu && bert.hiddenDropout == 0.1 && bert.attentionDropout == 0.1)
        #expect(bert.layerNormEpsilon == 1e-12 && bert.initializerRange == 0.02)
        #expect(bert.unknownKeys["transformers_version"] == "5.23.0")
        let fresh = EncoderConfiguration(
            vocabularySize: 9, hiddenSize: 6, hiddenLayerCount: 2, attentionHeadCount: 3,
            intermediateSize: 5)
        let folder = try TemporaryFolder()
        try fresh.write(toFolder: folder.url)
        #expect(try EncoderConfiguration.read(fromFolder: folder.url) == fresh)
    }

    @Test func onlyAnAbsentPadTokenMeansTheDefault() throws {
        let sizes =
            #""model_type":"bert","vocab_size":9,"hidden_size":8,"num_hidden_layers":1,"#
            + #""num_attention_heads":2,"intermediate_size":4,"max_position_embeddings":8"#
        #expect(try read("{\(sizes)}").padTokenID == 0)
        #expect(try read("{\(sizes),\"pad_token_id\":null}").padTokenID == nil)
    }

    static let brokenBert: [(String, String, ModelFileError.Kind, [String])] = [
        ("model_type", "\"xlnet\"", .unsupported, ["\"xlnet\"", "supported are \"albert\", \"bert\""]),
        ("model_type", "null", .malformed, ["required"]),
        ("vocab_size", "0", .malformed, ["the integer 0", "from 1"]),
        ("vocab_size", "7.5", .malformed, ["the number 7.5"]),
        ("hidden_size", "9", .malformed, ["9", "num_attention_heads, 2"]),
        ("hidden_size", "99999999999", .malformed, ["99999999999"]),
        ("num_hidden_layers", "-1", .malformed, ["-1"]),
        ("num_attention_heads", "0", .malformed, ["the integer 0"]),
        ("intermediate_size", "\"16\"", .malformed, ["the string \"16\""]),
        ("max_position_embeddings", "null", .malformed, ["required"]),
        ("type_vocab_size", "0", .malformed, ["the integer 0"]),
        ("hidden_act", "\"snake\"", .unsupported, ["\"snake\"", "gelu_new"]),
        ("hidden_dropout_prob", "1.5", .malformed, ["1.5"]),
        ("attention_probs_dropout_prob", "-0.1", .malformed, ["-0.1"]),
        ("layer_norm_eps", "1e999", .malformed, ["1e999"]),
        ("initializer_range", "true", .malformed, ["true"]),
        ("pad_token_id", "7", .malformed, ["7", "vocab_size"]),
        ("position_embedding_type", "\"relative_key\"", .unsupported, ["relative_key", "absolute"]),
        ("is_decoder", "true", .unsupported, ["decoders"]),
    ]

    @Test(arguments: brokenBert)
    func refusesABrokenBert(key: String, value: String, kind: ModelFileError.Kind, words: [String]) throws {
        var object = try JSONFile.readObject(fixture("modelfiles/tiny-bert/config.json"))
        object[key] = try JSONValue.parse([UInt8](value.utf8))
        let text = JSONValue.object(object).serialized(.compact)
        expectError(kind, words + ["\"\(key)\"", "c.json"]) { _ = try read(text) }
    }
}
