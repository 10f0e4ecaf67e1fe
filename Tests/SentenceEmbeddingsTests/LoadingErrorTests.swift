import Foundation
import Tapestry
import Testing

/// Model directories that cannot be used are refused with what is wrong, and where.
struct LoadingErrorTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func expectRefused(
        _ words: [String], _ directory: URL, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        expectError(ModelFileError.self, words, sourceLocation: sourceLocation) {
            _ = try SentenceTransformer(directory.path)
        }
    }

    /// Changes text of a file of a model copy.
    private func replace(_ old: String, with new: String, in file: URL) throws {
        let text = try String(contentsOf: file, encoding: .utf8)
        try #require(text.contains(old))
        try text.replacingOccurrences(of: old, with: new).write(to: file, atomically: true, encoding: .utf8)
    }

    /// Rewrites a file of weights: nil leaves a tensor out.
    private func rewrite(_ file: URL, _ change: (String, Tensor) throws -> SafetensorsTensor?) throws {
        let old = try SafetensorsFile(contentsOf: file)
        try SafetensorsWriter.write(old.names.compactMap { try change($0, try old.tensor($0)) }, to: file)
    }

    @Test func aFolderThatDoesNotExist() {
        let path = folder.file("nowhere")
        expectRefused([path.path, "modules.json", "config.json"], path)
    }

    @Test func aFileInPlaceOfTheFolder() throws {
        let path = folder.file("model.bin")
        try Data("x".utf8).write(to: path)
        expectRefused([path.path], path)
    }

    @Test func aFolderThatHoldsNoModel() {
        expectRefused([folder.url.path, "no model directory"], folder.url)
    }

    @Test func weightsThatAreNotThere() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        try FileManager.default.removeItem(at: weights)
        expectRefused([weights.path], copy)
    }

    @Test func weightsOfADenseModuleThatAreNotThere() throws {
        let copy = try folder.copy(of: "tiny-dense")
        let weights = copy.appendingPathComponent("2_Dense/model.safetensors")
        try FileManager.default.removeItem(at: weights)
        expectRefused([weights.path], copy)
    }

    @Test func tensorsThatAreMissingAreAllNamed() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        let missing = ["embeddings.LayerNorm.weight", "encoder.layer.1.attention.self.key.bias"]
        try rewrite(weights) { missing.contains($0) ? nil : SafetensorsTensor(name: $0, tensor: $1) }
        expectRefused([weights.path, "2 of 37"] + missing + ["[32]", "missing"], copy)
    }

    @Test func tensorsOfTheWrongShapeAreAllNamed() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        let wrong = ["encoder.layer.0.intermediate.dense.weight", "encoder.layer.1.output.dense.weight"]
        try rewrite(weights) { name, tensor in
            SafetensorsTensor(name: name, tensor: wrong.contains(name) ? tensor.transposed() : tensor)
        }
        expectRefused([weights.path, "2 of 37"] + wrong + ["[32, 64]", "[64, 32]", "needed"], copy)
    }

    @Test func aDenseTensorOfTheWrongShapeIsNamed() throws {
        let copy = try folder.copy(of: "tiny-dense")
        let weights = copy.appendingPathComponent("2_Dense/model.safetensors")
        try rewrite(weights) { name, tensor in
            SafetensorsTensor(name: name, tensor: name == "linear.bias" ? .zeros([13]) : tensor)
        }
        expectRefused([weights.path, "linear.bias", "[13]", "[12]"], copy)
    }

    @Test(arguments: ["I64", "U8", "I32", "BOOL"])
    func tensorsOfATypeThatNoWeightHas(dtype: String) throws {
        let copy = try folder.copy(of: "mini-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        let type = try #require(SafetensorsType(rawValue: dtype))
        let name = "embeddings.LayerNorm.bias"
        try rewrite(weights) { other, tensor in
            guard other == name else { return SafetensorsTensor(name: other, tensor: tensor) }
            return SafetensorsTensor(name: name, dtype: type, shape: [12]) { sink in
                try [UInt8](repeating: 0, count: 12 * type.byteCount).withUnsafeBytes { try sink($0) }
            }
        }
        expectRefused([weights.path, name, dtype], copy)
    }

    @Test func anotherKindOfModel() throws {
        let copy = try folder.copy(of: "mini-bert")
        let config = copy.appendingPathComponent("config.json")
        try replace("\"model_type\": \"bert\"", with: "\"model_type\": \"xlnet\"", in: config)
        expectRefused([config.path, "model_type", "xlnet", "bert"], copy)
    }

    @Test(arguments: [
        ("hidden_act", "\"gelu\"", "\"snake\""), ("hidden_dropout_prob", "0.1", "1.0"),
        ("attention_probs_dropout_prob", "0.1", "1"), ("num_attention_heads", "2", "5"), ("vocab_size", "60", "0"),
        ("num_hidden_layers", "1", "2000000000"), ("vocab_size", "60", "2000000000"),
        ("hidden_size", "12", "2000000000"), ("max_position_embeddings", "24", "2000000000"),
        ("intermediate_size", "24", "2000000000"), ("type_vocab_size", "2", "2000000000"),
    ])
    func aConfigurationThatCannotBeRun(key: String, old: String, new: String) throws {
        let copy = try folder.copy(of: "mini-bert")
        let config = copy.appendingPathComponent("config.json")
        try replace("\"\(key)\": \(old)", with: "\"\(key)\": \(new)", in: config)
        expectRefused([config.path, key], copy)
    }

    @Test func moreTokensThanTheModelHasRows() throws {
        let copy = try folder.copy(of: "mini-bert")
        let tokenizer = copy.appendingPathComponent("tokenizer.json")
        try FileManager.default.removeItem(at: tokenizer)
        try FileManager.default.copyItem(at: fixture("models/tiny-bert/tokenizer.json"), to: tokenizer)
        let config = copy.appendingPathComponent("config.json")
        expectRefused([config.path, "vocab_size", "120", "60", "resize_token_embeddings"], copy)
    }

    @Test(arguments: [59, 61]) func aMatrixOfAnotherNumberOfRowsThanTheConfigurationSays(size: Int) throws {
        let copy = try folder.copy(of: "mini-bert")
        let config = copy.appendingPathComponent("config.json")
        try replace("\"vocab_size\": 60", with: "\"vocab_size\": \(size)", in: config)
        expectRefused([config.path, "vocab_size", "60 rows in embeddings.word_embeddings.weight, not \(size)"], copy)
    }

    @Test func aMatrixOfMoreRowsThanThereAreTokens() throws {
        let copy = try folder.copy(of: "mini-bert")
        let expected = try SentenceTransformer(copy.path).encode(["A cat."])
        try replace("\"vocab_size\": 60", with: "\"vocab_size\": 64", in: copy.appendingPathComponent("config.json"))
        try rewrite(copy.appendingPathComponent("model.safetensors")) { name, tensor in
            guard name == "embeddings.word_embeddings.weight" else { return SafetensorsTensor(name: name, tensor: tensor) }
            return SafetensorsTensor(name: name, tensor: .concatenating([tensor, .zeros([4, tensor.shape[1]])]))
        }
        #expect(try SentenceTransformer(copy.path).encode(["A cat."]) == expected)
    }

    @Test(arguments: [("mini-bert", "."), ("tiny-dense", "2_Dense")])
    func weightsThatOnlyOtherFormatsHold(name: String, module: String) throws {
        let copy = try folder.copy(of: name)
        let place = copy.appendingPathComponent(module).standardizedFileURL
        let weights = place.appendingPathComponent("model.safetensors")
        let other = place.appendingPathComponent("tf_model.h5")
        try FileManager.default.moveItem(at: weights, to: other)
        expectRefused([weights.path, "there is tf_model.h5", "save_pretrained"], copy)
        try FileManager.default.moveItem(at: other, to: place.appendingPathComponent("consolidated.safetensors"))
        expectRefused([weights.path, "there is consolidated.safetensors", "rename"], copy)
    }

    @Test(arguments: ["../elsewhere", "/etc", "1_Pooling/../../elsewhere"])
    func aModuleOutsideOfTheDirectory(path: String) throws {
        let copy = try folder.copy(of: "mini-bert")
        let modules = copy.appendingPathComponent("modules.json")
        try replace("\"path\": \"1_Pooling\"", with: "\"path\": \"\(path)\"", in: modules)
        expectRefused([modules.path, "entry 1", "path", path], copy)
    }

    @Test func aModuleThatIsALinkToOutside() throws {
        let copy = try folder.copy(of: "mini-bert")
        let pooling = copy.appendingPathComponent("1_Pooling")
        try FileManager.default.moveItem(at: pooling, to: folder.file("elsewhere"))
        try FileManager.default.createSymbolicLink(at: pooling, withDestinationURL: folder.file("elsewhere"))
        expectRefused(["modules.json", "1_Pooling", "link"], copy)
    }

    @Test func aModuleThatIsNotSupported() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let modules = copy.appendingPathComponent("modules.json")
        let old = "sentence_transformers.base.modules.normalize.Normalize"
        let score = "sentence_transformers.cross_encoder.modules.logit_score.LogitScore"
        try replace(old, with: score, in: modules)
        expectRefused([modules.path, "module 2", "LogitScore", "not supported"], copy)
        try replace(score, with: "my_package.Normalize", in: modules)
        let known = ["Pooling, Normalize, Dense", "ModuleCatalog.register"]
        expectRefused([modules.path, "module 2", "my_package.Normalize"] + known, copy)
    }

    @Test(arguments: [
        ("1_Pooling", "embedding_dimension", "16", "8", "module 1", "token embeddings of width 8, but they have 16"),
        ("2_Dense", "in_features", "48", "16", "2_Dense/model.safetensors", "[12, 16] is needed"),
    ])
    func aModuleOfAnotherWidth(
        name: String, key: String, old: String, new: String, place: String, problem: String
    ) throws {
        let copy = try folder.copy(of: "tiny-dense")
        try replace("\"\(key)\": \(old)", with: "\"\(key)\": \(new)", in: copy.appendingPathComponent("\(name)/config.json"))
        expectRefused([place, problem], copy)
    }

    @Test func aDenseModuleBehindAWiderPooling() throws {
        let copy = try folder.copy(of: "tiny-dense")
        let config = copy.appendingPathComponent("1_Pooling/config.json")
        try #"{"embedding_dimension": 16, "pooling_mode": ["mean", "max"]}"#.write(to: config, atomically: true, encoding: .utf8)
        expectRefused(["modules.json", "module 2", "width 48, but they have 32"], copy)
    }

    @Test func aPipelineWithoutPooling() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let modules = copy.appendingPathComponent("modules.json")
        let transformer = #"{"idx": 0, "name": "0", "path": "", "type": "sentence_transformers.models.Transformer"}"#
        let normalize = #"{"idx": 1, "name": "1", "path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}"#
        try "[\(transformer)]".write(to: modules, atomically: true, encoding: .utf8)
        expectRefused([modules.path, "a Pooling is missing"], copy)
        try "[\(transformer), \(normalize)]".write(to: modules, atomically: true, encoding: .utf8)
        expectRefused([modules.path, "module 1", "put a Pooling there"], copy)
    }

    @Test func aNormalizationOfTokenEmbeddings() throws {
        let copy = try folder.copy(of: "tiny-bert")
        let config = copy.appendingPathComponent("2_Normalize/config.json")
        try #"{"module_input_name": "token_embeddings"}"#.write(to: config, atomically: true, encoding: .utf8)
        expectRefused([config.path, "token_embeddings"], copy)
    }

    @Test func weightsOfSeveralTypesBecomeFloat32() throws {
        let copy = try folder.copy(of: "mini-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        let expected = try SentenceTransformer(copy.path).encode(["A cat."])
        try rewrite(weights) { SafetensorsTensor(name: $0, tensor: $0.hasSuffix("bias") ? $1.cast(to: .float64) : $1) }
        #expect(try SentenceTransformer(copy.path).encode(["A cat."]) == expected)
        try rewrite(weights) { SafetensorsTensor(name: $0, tensor: $1.cast(to: .float64)) }
        #expect(try SentenceTransformer(copy.path).encode(["A cat."]).dtype == .float64)
    }

    @Test func aFirstModuleThatIsNoTransformer() throws {
        let copy = try folder.copy(of: "mini-bert")
        let modules = copy.appendingPathComponent("modules.json")
        try #"[{"idx": 0, "name": "0", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"}]"#
            .write(to: modules, atomically: true, encoding: .utf8)
        expectRefused([modules.path, "first module", "Transformer"], copy)
    }

    @Test(arguments: [0, 7, 100, -1])
    func weightsThatAreCutOff(length: Int) throws {
        let copy = try folder.copy(of: "mini-bert")
        let weights = copy.appendingPathComponent("model.safetensors")
        let data = try Data(contentsOf: weights)
        try data.prefix(length < 0 ? data.count + length : length).write(to: weights)
        expectRefused([weights.path], copy)
    }

    @Test func aTokenizerThatIsNotThere() throws {
        let copy = try folder.copy(of: "mini-bert")
        try FileManager.default.removeItem(at: copy.appendingPathComponent("tokenizer.json"))
        expectError(TokenizerError.self, [copy.path, "tokenizer.json"]) { _ = try SentenceTransformer(copy.path) }
    }
}
