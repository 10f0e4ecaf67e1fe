import Foundation
import Tapestry
import Testing

/// Any layout becomes a clean folder, and any folder is told what it is.
struct ConvertCommandTests {
    let tool: CommandLineTool
    private let fixtures = CommandLineTool.fixtureModel.deletingLastPathComponent().deletingLastPathComponent()

    init() throws { tool = try CommandLineTool() }

    /// A plain transformer with the weights of an old checkpoint.
    private func oldModel() throws {
        let model = tool.folder.appendingPathComponent("old")
        try FileManager.default.copyItem(at: fixtures.appendingPathComponent("models/mini-bert"), to: model)
        for name in ["model.safetensors", "modules.json", "1_Pooling", "config_sentence_transformers.json", "sentence_bert_config.json"] {
            try FileManager.default.removeItem(at: model.appendingPathComponent(name))
        }
        try FileManager.default.copyItem(
            at: fixtures.appendingPathComponent("weights/masked-lm.bin"), to: model.appendingPathComponent("pytorch_model.bin"))
        try tool.write("old/README.md", "The card.")
    }

    @Test func helpTeachesByExample() throws {
        let result = try tool.run("convert", "--help")
        #expect(result.code == 0 && result.output.contains("tapestry convert models/old models/clean"))
    }

    @Test(arguments: ["float32", "float16", "bfloat16"]) func anOldCheckpointBecomesAFolder(_ dtype: String) throws {
        try oldModel()
        let result = try tool.run("convert", "old", "new", "--dtype", dtype)
        #expect(result.code == 0 && result.output.contains("Transformer, Pooling, \(dtype)"), "\(result.errors)")
        let new = tool.folder.appendingPathComponent("new")
        let content = try FileManager.default.contentsOfDirectory(atPath: new.path)
        #expect(content.contains("modules.json") && content.contains("README.md") && !content.contains("pytorch_model.bin"))
        #expect(try String(contentsOf: new.appendingPathComponent("config.json"), encoding: .utf8).contains("\"dtype\": \"\(dtype)\""))
        let names = try SafetensorsFile(contentsOf: new.appendingPathComponent("model.safetensors")).names
        #expect(names.contains("embeddings.LayerNorm.weight") && !names.contains { $0.hasPrefix("cls.") })
        let original = try SentenceTransformer(fixtures.appendingPathComponent("models/mini-bert").path).encode(["A cat."])
        let difference = try SentenceTransformer(new.path).encode(["A cat."]).maximumDifference(to: original)
        #expect(dtype == "float32" ? difference == 0 : difference < 0.05)
    }

    @Test func nothingIsReplacedOrHalfWritten() throws {
        try oldModel()
        #expect(try tool.run("convert", "old", "new").code == 0)
        let again = try tool.run("convert", "old", "new", "--dtype", "float16")
        #expect(again.code == 1 && again.errors.contains("new"))
        #expect(try tool.run("convert", "old", "new", "--dtype", "float16", "--overwrite").code == 0)
        #expect(try tool.run("convert", "old", "other", "--dtype", "int3").code == 2)
        try tool.write("old/pytorch_model.bin", "x")
        let broken = try tool.run("convert", "old", "other")
        #expect(broken.code == 1 && broken.errors.contains("pytorch_model.bin"))
        #expect(try tool.content() == ["new", "old"])
    }

    @Test func infoSaysWhatAFolderIs() throws {
        try oldModel()
        let good = try tool.run("info", "old")
        #expect(good.code == 0, "\(good.errors)")
        for word in [
            "a plain transformer, without modules.json", "bert, BertModel, 1 layers", "pytorch_model.bin: ", "tensors of F32, I64",
            "60 ids",
            "embedding dimension 12",
        ] { #expect(good.output.contains(word), "\(word): \(good.output)") }
        #expect(try tool.run("info", "old", "--model", "old").code == 2)
    }

    @Test func infoSaysWhatIsMissing() throws {
        let model = try tool.copyModel()
        for name in ["model.safetensors", "tokenizer.json", "vocab.txt"] {
            try? FileManager.default.removeItem(at: model.appendingPathComponent(name))
        }
        let list = model.appendingPathComponent("modules.json")
        let text = try String(contentsOf: list, encoding: .utf8)
        try text.replacingOccurrences(of: "modules.normalize.Normalize", with: "modules.lstm.LSTM")
            .write(to: list, atomically: true, encoding: .utf8)
        let result = try tool.run("info", "model")
        #expect(result.code == 1)
        for word in [
            "SentenceTransformer of Sentence Transformers", "weights      none", "tokenizer    none that can be read", "missing or wrong: ",
        ] {
            #expect(result.output.contains(word), "\(word): \(result.output)")
        }
        #expect(result.output.components(separatedBy: "missing or wrong: ").count >= 3, "\(result.output)")
        try FileManager.default.createDirectory(at: tool.folder.appendingPathComponent("adapter"), withIntermediateDirectories: true)
        try tool.write("adapter/adapter_config.json", "{}")
        let adapter = try tool.run("info", "adapter")
        #expect(adapter.code == 1 && adapter.output.contains("an adapter of PEFT") && adapter.output.contains("merge_and_unload"))
    }
}
