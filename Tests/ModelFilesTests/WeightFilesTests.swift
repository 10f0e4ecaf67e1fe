import Autodiff
import Foundation
import JSON
import Layers
import Testing
@testable import ModelFiles

/// One file of weights or shards with an index: what belongs together is read, and nothing else.
struct WeightFilesTests {
    private let folder: TemporaryFolder
    private let tensors: [String: Tensor] = ["a": Tensor([1, 2]), "b": Tensor([3]), "c": Tensor([4, 5, 6])]

    init() throws { folder = try TemporaryFolder() }

    private func write(_ names: [String], to file: String) throws {
        try Weights.save(names.map { ($0, tensors[$0]!) }, to: folder.file(file))
    }

    private func writeIndex(_ map: String) throws {
        try folder.write(#"{"metadata": {"total_size": 24}, "weight_map": \#(map)}"#, WeightFiles.indexName)
    }

    private func expectRefused(
        _ kind: ModelFileError.Kind, _ words: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectError(kind, words, sourceLocation: sourceLocation) { _ = try WeightFiles(folder: folder.url) }
    }

    @Test func shardsAreOneSetOfTensors() throws {
        try write(["a", "b"], to: "model-1.safetensors")
        try write(["c"], to: "model-2.safetensors")
        try writeIndex(#"{"a": "model-1.safetensors", "b": "model-1.safetensors", "c": "model-2.safetensors"}"#)
        let files = try WeightFiles(folder: folder.url)
        #expect(files.names.sorted() == ["a", "b", "c"] && files.url == folder.file(WeightFiles.indexName))
        for (name, tensor) in tensors { #expect(try files.tensor(name) == tensor) }
        #expect(files.file(holding: "b")?.url == folder.file("model-1.safetensors"))
        expectError(.missing, [WeightFiles.indexName, "d"]) { _ = try files.tensor("d") }
    }

    @Test func overlappingShardsAreRefused() throws {
        try write(["a", "b"], to: "model-1.safetensors")
        try write(["b", "c"], to: "model-2.safetensors")
        try writeIndex(#"{"a": "model-1.safetensors", "b": "model-1.safetensors", "c": "model-2.safetensors"}"#)
        expectRefused(.malformed, "weight_map", "\"b\" should be in model-1.safetensors, but model-2.safetensors holds it, too")
        try writeIndex(#"{"a": "model-1.safetensors", "c": "model-2.safetensors"}"#)
        expectRefused(.malformed, "weight_map", "\"b\" is not in the index", "model-1.safetensors")
    }

    @Test func shardsOfPyTorchAreOneSetOfTensors() throws {
        let place = fixture("../weights/sharded").standardizedFileURL
        let files = try WeightFiles(folder: place)
        let expected = try SafetensorsFile(contentsOf: fixture("../weights/tensors.safetensors").standardizedFileURL)
        #expect(files.files.count == 2 && files.entries.count == 6 && files.url.lastPathComponent == WeightFiles.torchIndexName)
        for name in files.names { #expect(try files.tensor(name) == expected.tensor(name), "\(name)") }
        try FileManager.default.copyItem(
            at: place.appendingPathComponent(WeightFiles.torchIndexName), to: folder.file(WeightFiles.torchIndexName))
        expectRefused(.missing, WeightFiles.torchIndexName, "incomplete", "pytorch_model-00002-of-00002.bin (4 tensors)")
    }

    @Test func safetensorsGoBeforePyTorch() throws {
        try FileManager.default.copyItem(
            at: fixture("../weights/small.bin").standardizedFileURL, to: folder.file(WeightFiles.torchFileName))
        #expect(try WeightFiles(folder: folder.url).names == ["weight"])
        try write(["a"], to: WeightFiles.fileName)
        #expect(try WeightFiles(folder: folder.url).names == ["a"])
    }

    @Test func theOneFileIsReadWhateverLiesBesideIt() throws {
        try write(["a"], to: WeightFiles.fileName)
        try write(["b"], to: "consolidated.safetensors")
        try writeIndex(#"{"b": "model-00001-of-00009.safetensors"}"#)
        #expect(try WeightFiles(folder: folder.url).names == ["a"])
    }

    @Test func anIncompleteSetIsRefusedByTheNamesOfWhatIsMissing() throws {
        try write(["a"], to: "model-1.safetensors")
        try writeIndex(#"{"a": "model-1.safetensors", "b": "model-2.safetensors", "c": "model-3.safetensors"}"#)
        expectRefused(.missing, WeightFiles.indexName, "incomplete", "model-2.safetensors (1 tensors)", "model-3.safetensors")
    }

    @Test func anIndexThatContradictsItsShardsIsRefused() throws {
        try write(["a"], to: "model-1.safetensors")
        try writeIndex(#"{"a": "model-1.safetensors", "b": "model-1.safetensors"}"#)
        expectRefused(.malformed, "weight_map", "\"b\"", "model-1.safetensors")
        for name in ["../model-1.safetensors", "/etc/passwd"] {
            try writeIndex(#"{"a": "\#(name)"}"#)
            expectRefused(.malformed, "weight_map", "\"\(name)\"", "beside the index")
        }
        try folder.write(#"{"metadata": {}}"#, WeightFiles.indexName)
        expectRefused(.malformed, "weight_map", "required")
        try writeIndex(#"{"a": 1}"#)
        expectRefused(.malformed, "weight_map")
    }

    /// Files of whole models may hold the words' embeddings as the matrix of the head alone.
    @Test(arguments: [
        ("bert.embeddings.word_embeddings.weight", "", "cls.predictions.decoder.weight"),
        ("embeddings.word_embeddings.weight", "bert.", "cls.predictions.decoder.weight"),
        ("shared.weight", "", "encoder.embed_tokens.weight"), ("shared.weight", "", "decoder.embed_tokens.weight"),
        ("embed_tokens.weight", "model.", "lm_head.weight"), ("embeddings.tok_embeddings.weight", "model.", "decoder.weight"),
        ("embeddings.word_embeddings.weight", "distilbert.", "vocab_projector.weight"),
        ("embeddings.word_embeddings.weight", "roberta.", "lm_head.decoder.weight"),
        ("embeddings.word_embeddings.weight", "albert.", "predictions.decoder.weight"),
        ("embeddings.word_embeddings.weight", "electra.", "generator_lm_head.weight"),
    ])
    func embeddingsAreThereUnderTheNameOfAHead(name: String, prefix: String, head: String) throws {
        let matrix = Tensor([[1, 2], [3, 4]]), bias = Tensor([5, 6])
        let parameters = [
            NamedParameter(name: name, parameter: Parameter(.zeros([2, 2]))),
            NamedParameter(name: "layer.bias", parameter: Parameter(.zeros([2]))),
        ]
        let url = folder.file("tied.safetensors")
        func load(_ tensors: [(name: String, tensor: Tensor)]) throws -> [String] {
            try Weights.save(tensors, to: url)
            return try Weights.load(parameters, from: SafetensorsFile(contentsOf: url), prefixes: [prefix])
        }
        #expect(try load([(head, matrix), (prefix + "layer.bias", bias)]) == [])
        #expect(parameters[0].parameter.value == matrix && parameters[1].parameter.value == bias)
        // What has the name itself goes before.
        #expect(try load([(head, matrix), (prefix + "layer.bias", bias), (prefix + name, matrix + Tensor(1))]) == [head])
        #expect(parameters[0].parameter.value == matrix + Tensor(1))
        expectError(.malformed, ["\(name) [2, 2] is missing"]) { _ = try load([(prefix + "layer.bias", bias)]) }
    }

    @Test func whatLiesThereInsteadIsNamed() throws {
        expectRefused(.missing, "model.safetensors", "no such file")
        try folder.write("x", "tf_model.h5")
        expectRefused(.missing, "model.safetensors: ", "tf_model.h5", "save_pretrained")
        try folder.write("x", "pytorch_model.bin")
        expectRefused(.malformed, "pytorch_model.bin: ", "no file of torch.save")
        try FileManager.default.removeItem(at: folder.file("pytorch_model.bin"))
        try write(["a"], to: "pytorch_model.safetensors")
        expectRefused(.missing, "model.safetensors: ", "pytorch_model.safetensors", "rename")
    }
}
