import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import SentenceEmbeddings
import Testing

/// The modules that may follow a transformer, against what the original's give from the same files.
struct ModuleReferenceTests {
    static let folder = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/modules")

    static let types: [String: any EmbeddingModule.Type] = [
        "layer-norm": SentenceLayerNorm.self, "dropout": SentenceDropout.self, "cnn": CNN.self, "lstm": LSTM.self,
        "lstm-layers": LSTM.self, "lstm-forward": LSTM.self, "word-weights": WordWeights.self, "weighted-layers": WeightedLayerPooling.self,
    ]
    static let names =
        try! FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
            $0.hasSuffix(".safetensors") && $0 != "inputs.safetensors"
        }
        .map { String($0.dropLast(12)) }.sorted()

    private func type(_ name: String) -> any EmbeddingModule.Type { Self.types[name] ?? Dense.self }

    private func tensor(_ name: String, _ key: String) throws -> Tensor {
        try SafetensorsFile(contentsOf: Self.folder.appendingPathComponent("\(name).safetensors")).tensor(key)
    }

    private func features(_ dtype: DType) throws -> Features {
        let object = try JSONFile.readObject(Self.folder.appendingPathComponent("lengths.json"))
        guard case .array(let rows)? = object["ids"] else { throw CancellationError() }
        let ids = rows.map { row -> [Int32] in
            guard case .array(let ids) = row else { return [] }
            return ids.compactMap { if case .integer(let id) = $0 { Int32(id) } else { nil } }
        }
        var features = Features(TokenBatch(sequences: ids))
        features.tokenEmbeddings = try tensor("inputs", "tokens").cast(to: dtype)
        features.sentenceEmbedding = try tensor("inputs", "sentences").cast(to: dtype)
        let layers = try tensor("inputs", "layers").cast(to: dtype)
        features.hiddenStates = (0..<layers.shape[0]).map { layers.sliced($0..<$0 + 1).reshaped(Array(layers.shape.dropFirst())) }
        return features
    }

    private func run(_ module: any EmbeddingModule, _ name: String, _ dtype: DType) throws -> Tensor {
        var result = module(try features(dtype), in: .inference)
        if module is WordWeights {
            result = Pooling(width: 8, modes: [.mean, .meanSqrtLength, .weightedMean])(result, in: .inference)
        }
        let ofTokens = module is CNN || module is LSTM || module is WeightedLayerPooling || name == "dense-tokens"
        return try #require(ofTokens ? result.tokenEmbeddings : result.sentenceEmbedding)
    }

    @Test(arguments: names) func outputsAndGradientsAreThoseOfTheReference(name: String) throws {
        let module = try type(name).init(folder: Self.folder.appendingPathComponent(name))
        let expected = try tensor(name, "output"), scale = expected.values.reduce(0) { max($0, abs($1)) }
        #expect(try run(module, name, .float32).cast(to: .float64).maximumDifference(to: expected) < 2e-6 * scale)
        for parameter in module.parameters { parameter.value = parameter.value.cast(to: .float64) }
        #expect(try run(module, name, .float64).maximumDifference(to: expected) < 1e-12 * scale)
        guard !module.parameters.isEmpty else { return }
        let (loss, gradients) = try valueAndGradients(of: module.parameters) { try run(module, name, .float64).square().sum() }
        #expect(try abs(loss.item - tensor(name, "loss").item) < 1e-10)
        // Of this one, the reference multiplies gradients by a sixth in float32.
        let tolerance = name == "dense-hardsigmoid" ? 1e-7 : 1e-10
        for named in module.namedParameters {
            let expected = try tensor(name, "gradient/\(named.name)"), scale = expected.values.reduce(1e-300) { max($0, abs($1)) }
            let found = try #require(gradients[named.parameter]?.tensor, "\(named.name)")
            #expect(found.maximumDifference(to: expected) < tolerance * scale, "\(named.name)")
        }
    }

    @Test(arguments: names) func modulesAreWrittenAsTheyWere(name: String) throws {
        let original = Self.folder.appendingPathComponent(name)
        let module = try type(name).init(folder: original)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ModuleTests-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try module.copied().save(to: folder)
        for file in try FileManager.default.contentsOfDirectory(atPath: original.path) {
            let (own, theirs) = (folder.appendingPathComponent(file), original.appendingPathComponent(file))
            if file.hasSuffix(".json") {
                #expect(try JSONFile.read(own) == JSONFile.read(theirs), "\(file)")
            } else {
                let (a, b) = try (SafetensorsFile(contentsOf: own), SafetensorsFile(contentsOf: theirs))
                #expect(Set(a.names) == Set(b.names))
                for name in b.names { #expect(try a.tensor(name) == b.tensor(name), "\(name)") }
            }
        }
        #expect(ModuleCatalog.builtIn.contains { $0.typeName == Swift.type(of: module).typeName })
    }

    @Test func dropoutIsForTraining() throws {
        let module = SentenceDropout(0.5), features = try features(.float32)
        #expect(module(features, in: .training(key: RandomKey(1))).sentenceEmbedding != features.sentenceEmbedding)
        let lstm = LSTM(inputWidth: 8, hiddenWidth: 3, layerCount: 2, dropout: 0.5, key: RandomKey(1))
        let rows = features.batch.tokenAddresses
        #expect(
            lstm(features, in: .training(key: RandomKey(1)).addressing(rows)).tokenEmbeddings
                != lstm(features, in: .inference).tokenEmbeddings)
    }

    @Test func sequencesDoNotMix() throws {
        let all = try features(.float64)
        for module: any EmbeddingModule in [
            CNN(inputWidth: 8, channels: 2, key: RandomKey(1)), LSTM(inputWidth: 8, hiddenWidth: 2, key: RandomKey(2)),
        ] {
            for parameter in module.parameters { parameter.value = parameter.value.cast(to: .float64) }
            let whole = try #require(module(all, in: .inference).tokenEmbeddings)
            for sequence in 0..<all.batch.count {
                var alone = Features(all.batch.sequences([sequence]))
                alone.tokenEmbeddings = all.tokenEmbeddings?.sliced(all.batch.offsets[sequence])
                let rows = try #require(module(alone, in: .inference).tokenEmbeddings)
                #expect(rows.maximumDifference(to: whole.sliced(all.batch.offsets[sequence])) < 1e-12)
            }
        }
    }

    static let broken: [(String, String, String, String)] = [
        ("cnn", "cnn_config.json", #"{"in_embedding_dimension": 8, "kernel_sizes": [2]}"#, "kernel_sizes"),
        ("cnn", "cnn_config.json", #"{"in_embedding_dimension": 8, "kernel_sizes": "1"}"#, "kernel_sizes"),
        ("cnn", "cnn_config.json", #"{"in_embedding_dimension": 8, "stride_sizes": [2, 1, 1]}"#, "stride_sizes"),
        ("cnn", "cnn_config.json", #"{"in_embedding_dimension": 8, "out_channels": 2000000000}"#, "too small"),
        ("lstm", "lstm_config.json", #"{"embedding_dimension": 8, "hidden_dim": 2000000000}"#, "too small"),
        ("lstm", "lstm_config.json", #"{"hidden_dim": 3}"#, "embedding_dimension"),
        ("dropout", "config.json", #"{"dropout": 1.5}"#, "dropout"),
        ("layer-norm", "config.json", #"{"dimension": 9}"#, "norm.weight"),
        ("weighted-layers", "config.json", #"{"embedding_dimension": 8, "layer_start": 13}"#, "layer_start"),
        ("word-weights", "config.json", #"{"vocab": "a"}"#, "vocab"),
        ("dense-tokens", "config.json", #"{"in_features": 8, "out_features": 5, "module_input_name": "x"}"#, "module_input_name"),
    ]

    @Test(arguments: broken) func whatDoesNotFitIsRefused(name: String, file: String, text: String, word: String) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ModuleTests-\(UUID().uuidString)")
        try FileManager.default.copyItem(at: Self.folder.appendingPathComponent(name), to: folder)
        defer { try? FileManager.default.removeItem(at: folder) }
        try text.write(to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
        do {
            _ = try type(name).init(folder: folder)
            Issue.record("\(text) was accepted")
        } catch let error as ModelFileError {
            #expect(error.description.contains(word), "\(error)")
        }
    }
}
