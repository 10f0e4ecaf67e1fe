import Foundation
import Tapestry
import Testing

/// The same model in every layout in which weights are found gives the same embeddings, to the bit.
struct WeightLayoutTests {
    private let folder: TemporaryFolder
    private let texts = ["A cat.", "the quiet dog sleeps in the yard", ""]

    init() throws { folder = try TemporaryFolder() }

    private func weights(_ name: String) -> URL { fixture("weights/\(name)") }

    private func expectSame(_ copy: URL, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let expected = try SentenceTransformer(fixture("models/mini-bert").path)
        #expect(try SentenceTransformer(copy.path).encode(texts) == expected.encode(texts), sourceLocation: sourceLocation)
    }

    /// The model without its weights and its list of modules.
    private func plain() throws -> URL {
        let copy = try folder.copy(of: "mini-bert")
        for name in ["model.safetensors", "modules.json", "1_Pooling", "config_sentence_transformers.json", "sentence_bert_config.json"] {
            try FileManager.default.removeItem(at: copy.appendingPathComponent(name))
        }
        return copy
    }

    @Test func anOldCheckpointOfAMaskedLanguageModel() throws {
        let copy = try plain()
        try FileManager.default.copyItem(at: weights("masked-lm.bin"), to: copy.appendingPathComponent("pytorch_model.bin"))
        try expectSame(copy)
        // What is saved of it is clean.
        let saved = folder.file("saved")
        try SentenceTransformer(copy.path).save(to: saved.path)
        try expectSame(saved)
        let names = try SafetensorsFile(contentsOf: saved.appendingPathComponent("model.safetensors")).names
        #expect(names.contains("embeddings.LayerNorm.weight") && !names.contains { $0.hasPrefix("cls.") || $0.hasSuffix("position_ids") })
    }

    @Test func aDamagedPickleIsRefused() throws {
        let copy = try plain(), file = copy.appendingPathComponent("pytorch_model.bin")
        try Data(contentsOf: weights("masked-lm.bin")).prefix(9000).write(to: file)
        expectError(ModelFileError.self, [file.path, "truncated"]) { _ = try SentenceTransformer(copy.path) }
        try FileManager.default.removeItem(at: file)
        try FileManager.default.copyItem(at: weights("refused-global.bin"), to: file)
        expectError(ModelFileError.self, [file.path, "system", "nothing was executed"]) { _ = try SentenceTransformer(copy.path) }
    }

    @Test(arguments: [WeightType.float16, .bfloat16, .float32]) func everyTypeOpens(_ type: WeightType) throws {
        let copy = try folder.copy(of: "mini-bert")
        try type.rewrite(folder: copy)
        let file = try SafetensorsFile(contentsOf: copy.appendingPathComponent("model.safetensors"))
        #expect(Set(file.entries.map(\.dtype)) == [type == .float16 ? .float16 : type == .bfloat16 ? .bfloat16 : .float32])
        let configuration = try String(contentsOf: copy.appendingPathComponent("config.json"), encoding: .utf8)
        #expect(configuration.contains("\"dtype\": \"\(type.rawValue)\""))
        let model = try SentenceTransformer(copy.path), original = try SentenceTransformer(fixture("models/mini-bert").path)
        let difference = model.encode(texts).maximumDifference(to: original.encode(texts))
        #expect(type == .float32 ? difference == 0 : difference < 0.05 && difference > 0)
        for (a, b) in zip(model.parameters, original.parameters) {
            let bits =
                type == .float16
                ? Tensor(float16Bits: b.value.float16Bits, shape: b.shape) : Tensor(bfloat16Bits: b.value.bfloat16Bits, shape: b.shape)
            #expect(a.value == (type == .float32 ? b.value : bits))
        }
    }

    @Test func causalModelsPoolTheLastToken() throws {
        let copy = try plain(), file = copy.appendingPathComponent("config.json")
        try FileManager.default.copyItem(at: weights("masked-lm.bin"), to: copy.appendingPathComponent("pytorch_model.bin"))
        func pooling(_ change: String) throws -> String {
            let text = try String(contentsOf: fixture("models/mini-bert/config.json"), encoding: .utf8)
            try text.replacing("\"BertModel\"", with: change).write(to: file, atomically: true, encoding: .utf8)
            return try SentenceTransformer(copy.path).modules[0].summary
        }
        #expect(try pooling("\"BertModel\"") == "mean")
        #expect(try pooling("\"BertForCausalLM\"") == "lasttoken")
        let text = try String(contentsOf: fixture("models/mini-bert/config.json"), encoding: .utf8)
        try text.replacing("\"BertModel\"", with: "\"BertForCausalLM\"").replacing(
            "\"hidden_size\"", with: "\"is_causal\": false, \"hidden_size\""
        )
        .write(to: file, atomically: true, encoding: .utf8)
        #expect(try SentenceTransformer(copy.path).modules[0].summary == "mean")
    }
}
