import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Optimizers
import Testing

/// Encoders beside BERT, against the reference's figures from the same files.
struct ArchitectureTests {
    static let names = [
        "tiny-distilbert", "tiny-roberta", "mpnet", "albert", "albert-groups", "electra", "electra-wide", "xlm-roberta", "camembert",
        "ernie",
        "ernie-tasks", "distilbert-sinusoidal", "t5", "t5-gated", "mt5", "modernbert", "modernbert-biased", "deberta", "deberta-absolute",
        "deberta-v2", "deberta-v2-p2c", "deberta-v3", "nomic-bert", "llama", "llama3", "llama-bidirectional", "mistral", "qwen2", "qwen3",
        "gemma2", "gemma3", "gemma3-bidirectional",
    ]

    private func expected(_ name: String, _ figure: String, _ dtype: DType) throws -> Tensor {
        try SafetensorsFile(contentsOf: fixture("encoders/\(name).safetensors"))
            .tensor(dtype == .float64 ? "\(figure).f64" : figure)
    }

    private func embeddings(_ encoder: any TokenEncoder, _ batch: TokenBatch) -> Tensor {
        encoder.hiddenStates(batch, in: .inference).last!.segmentMean(batch.offsets)
    }

    @Test(arguments: names, [DType.float32, .float64])
    func layersAndEmbeddingsAreThoseOfTheReference(name: String, dtype: DType) throws {
        let encoder = try encoder("encoders/\(name)", dtype)
        let tolerance = dtype == .float64 ? 1e-12 : 1e-5
        let ids = try ids(name)
        let found = embeddings(encoder, TokenBatch(sequences: ids))
        #expect(found.dtype == dtype)
        #expect(try relativeDifference(found, expected(name, "embeddings", dtype)) < tolerance)
        // Another batch than all: layers must not mix neighbors. RoBERTa's last one has a padding token inside.
        let states = encoder.hiddenStates(TokenBatch(sequences: [ids[0], ids[1], ids[ids.count - 1]]), in: .inference)
        #expect(states.count == encoder.layerCount + 1)
        for (layer, state) in states.enumerated() {
            #expect(try relativeDifference(state, expected(name, "hidden/\(layer)", dtype)) < tolerance, "layer \(layer)")
        }
    }

    @Test(arguments: names) func everyParametersGradientIsThatOfTheReference(name: String) throws {
        let encoder = try encoder("encoders/\(name)", .float64)
        let batch = TokenBatch(sequences: try ids(name))
        let (loss, gradients) = valueAndGradients(of: encoder.parameters) {
            let rows = embeddings(encoder, batch)
            return pairwiseCosineSimilarity(rows.sliced(0..<6), rows.sliced(6..<12)).square().sum()
        }
        let file = try SafetensorsFile(contentsOf: fixture("encoders/\(name).safetensors"))
        #expect(try abs(loss.item - file.tensor("loss").item) < 1e-10)
        let trained = encoder.namedParameters.filter(\.parameter.isTrainable)
        #expect(Set(trained.map { "gradient/\($0.name)" }) == Set(file.names.filter { $0.hasPrefix("gradient/") }))
        for named in trained {
            let expected = try file.tensor("gradient/\(named.name)")
            let found = try #require(gradients[named.parameter], "\(named.name) has no gradient").tensor
            let scale = expected.values.reduce(0) { max($0, abs($1)) }
            #expect(
                scale > 1e-12 || ["k_lin.bias", "key.bias", ".k.bias", "pos_key_proj.bias"].contains(where: named.name.hasSuffix),
                "\(named.name)")
            #expect(maximumDifference(found, expected) <= 1e-11 * scale + 1e-13, "\(named.name)")
        }
    }

    /// Six steps of AdamW without dropout, against the reference's: how far embeddings are apart, over how far they have moved.
    @Test(arguments: names.dropFirst(2)) func trainingIsThatOfTheReference(name: String) throws {
        let encoder = try encoder("encoders/\(name)", .float32)
        let batch = TokenBatch(sequences: try ids(name))
        let before = embeddings(encoder, batch)
        let trained = encoder.namedParameters.filter(\.parameter.isTrainable)
        let optimizer = Optimizer(AdamW(), groups: [.init(parameters: trained, weightDecay: 0.01)])
        for _ in 0..<6 {
            let (_, gradients) = valueAndGradients(of: trained.map(\.parameter)) {
                let rows = embeddings(encoder, batch)
                return pairwiseCosineSimilarity(rows.sliced(0..<6), rows.sliced(6..<12)).square().sum()
            }
            optimizer.step(gradients, learningRate: 1e-3)
        }
        let expected = try SafetensorsFile(contentsOf: fixture("encoders/trained.safetensors")).tensor(name)
        let found = embeddings(encoder, batch), change = maximumDifference(expected, before)
        #expect(change > 1e-2)
        #expect(maximumDifference(found, expected) < 1e-3 * change, "\(maximumDifference(found, expected) / change)")
    }

    @Test(arguments: [("xlm-roberta", "XLMRobertaModel"), ("camembert", "CamembertModel")])
    func relativesOfRobertaAreItByAnotherName(modelType: String, className: String) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(at: fixture("encoders/tiny-roberta"), to: folder.file("copy"))
        var object = try JSONFile.readObject(folder.file("copy/config.json"))
        object["model_type"] = .string(modelType)
        try JSONFile.write(.object(object), to: folder.file("copy/config.json"), style: .compact)
        let configuration = try EncoderConfiguration.read(fromFolder: folder.file("copy"))
        let batch = TokenBatch(sequences: try ids("tiny-roberta"))
        let found = embeddings(try configuration.encoder(fromFolder: folder.file("copy")).encoder, batch)
        #expect(try found == embeddings(encoder("encoders/tiny-roberta"), batch))
        #expect(configuration.json(.version6)["model_type"] == .string(modelType))
        #expect(configuration.architecture.className == className && configuration.architecture.prefix == "roberta.")
    }

    @Test(arguments: names) func configurationsAreWrittenBackUnchanged(name: String) throws {
        let folder = try TemporaryFolder()
        try EncoderConfiguration.read(fromFolder: fixture("encoders/\(name)")).write(toFolder: folder.url)
        #expect(try JSONFile.read(folder.file("config.json")) == JSONFile.read(fixture("encoders/\(name)/config.json")))
    }

    @Test(arguments: names) func filesOfModelsWithAHeadAreUnderstood(name: String) throws {
        let folder = try TemporaryFolder()
        let original = try encoder("encoders/\(name)")
        try original.configuration.write(toFolder: folder.url)
        let prefix = original.configuration.architecture.prefix
        let tensors = original.namedTensors.map { SafetensorsTensor(name: prefix + $0.name, tensor: $0.tensor) }
        try SafetensorsWriter.write(
            tensors + [SafetensorsTensor(name: "head.weight", tensor: .zeros([3]))],
            to: folder.file("model.safetensors"))
        let (again, others) = try EncoderConfiguration.read(fromFolder: folder.url).encoder(fromFolder: folder.url)
        #expect(others.isEmpty && again.namedParameters.map(\.name) == original.namedParameters.map(\.name))
        for (a, b) in zip(again.parameters, original.parameters) { #expect(a.value == b.value) }
    }

    @Test(arguments: names) func copiesAndTheirDropoutAreTheSame(name: String) throws {
        let original = try encoder("encoders/\(name)")
        let copy = original.copied()
        let batch = TokenBatch(sequences: try ids(name))
        func states(_ encoder: any TokenEncoder) -> [Tensor] { encoder.hiddenStates(batch, in: .training(key: RandomKey(4))) }
        #expect(states(copy) == states(original))
        copy.parameters[0].value = copy.parameters[0].value * 2
        #expect(states(copy) != states(original))
    }

    @Test(arguments: EncoderArchitecture.all.map(\.modelType)) func newEncodersAreDrawnAndComeBack(modelType: String) throws {
        let architecture = try #require(EncoderArchitecture.all.first { $0.modelType == modelType })
        let configuration = EncoderConfiguration(
            architecture, vocabularySize: 30, hiddenSize: 8, hiddenLayerCount: 2, attentionHeadCount: 2, intermediateSize: 12,
            maxPositionEmbeddings: 20)
        let batch = TokenBatch(sequences: [[3, 4, 5], [6, 7]])
        let new = configuration.encoder(key: RandomKey(1))
        #expect(embeddings(new, batch) == embeddings(configuration.encoder(key: RandomKey(1)), batch))
        #expect(embeddings(new, batch) != embeddings(configuration.encoder(key: RandomKey(2)), batch))
        let folder = try TemporaryFolder()
        try configuration.write(toFolder: folder.url)
        try Weights.save(new.namedTensors, to: folder.file("model.safetensors"))
        let read = try EncoderConfiguration.read(fromFolder: folder.url)
        #expect(JSONValue.object(read.json(.version6)) == .object(configuration.json(.version6)))
        #expect(try embeddings(read.encoder(fromFolder: folder.url).encoder, batch) == embeddings(new, batch))
        // Two rows of a table of positions stand before the first token's, or nothing bounds the length.
        let lengths = ["roberta": 18, "xlm-roberta": 18, "camembert": 18, "mpnet": 18, "t5": .max, "mt5": .max]
        #expect(new.maximumLength == lengths[modelType] ?? 20)
    }

    @Test func distilbertDropsNothingOfWhatAttentionGives() throws {
        let layers = try self.layers("tiny-distilbert")
        #expect(layers.allSatisfy { $0.attentionDropout.rate == 0 && $0.outputDropout.rate == 0.1 && $0.attention.dropoutRate == 0.1 })
        #expect(try self.layers("tiny-roberta")[0].attentionDropout.rate == 0.1)
    }

    private func layers(_ name: String) throws -> [TransformerLayer] {
        try #require(try encoder("encoders/\(name)") as? TransformerEncoder).layers.map { try #require($0 as? TransformerLayer) }
    }

    static let broken: [(String, String, String, [String])] = [
        ("tiny-distilbert", "dim", "9", ["9", "n_heads, 2"]), ("tiny-distilbert", "n_layers", "null", ["required"]),
        ("tiny-distilbert", "activation", "\"snake\"", ["\"snake\"", "gelu"]), ("tiny-distilbert", "dropout", "1.0", ["1.0"]),
        ("tiny-distilbert", "n_layers", "2000000000", ["too few"]), ("tiny-distilbert", "hidden_dim", "2000000000", ["too small"]),
        ("tiny-roberta", "pad_token_id", "290", ["290", "vocab_size"]),
        ("tiny-roberta", "max_position_embeddings", "2", ["no position"]),
        ("tiny-roberta", "position_embedding_type", "\"relative_key\"", ["absolute"]),
    ]

    @Test(arguments: broken) func whatCannotBeRunIsRefusedByItsOwnKey(name: String, key: String, value: String, words: [String]) throws {
        let folder = try TemporaryFolder()
        try FileManager.default.copyItem(at: fixture("encoders/\(name)"), to: folder.file("copy"))
        var object = try JSONFile.readObject(folder.file("copy/config.json"))
        object[key] = try JSONValue.parse([UInt8](value.utf8))
        try JSONFile.write(.object(object), to: folder.file("copy/config.json"), style: .compact)
        do {
            _ = try EncoderConfiguration.read(fromFolder: folder.file("copy")).encoder(fromFolder: folder.file("copy"))
            Issue.record("\(key) \(value) was accepted")
        } catch let error as ModelFileError {
            for word in words + [key, "copy/config.json"] { #expect(error.description.contains(word), "\(error) lacks \(word)") }
        }
    }

    @Test func anArchitectureOfOnesOwnIsReadWhereItIsGiven() throws {
        let own = EncoderArchitecture(
            "own", className: "OwnModel", prefix: "own.", names: ["layers": "block"], keys: ["hidden_size": "width"],
            make: { TransformerEncoder($0, key: $1) })
        let text =
            #"{"model_type":"own","vocab_size":9,"width":8,"num_hidden_layers":1,"num_attention_heads":2,"#
            + #""intermediate_size":4,"max_position_embeddings":8}"#
        func fields() throws -> JSONFields {
            guard case .object(let object) = try JSONValue.parse([UInt8](text.utf8)) else { throw CancellationError() }
            return JSONFields(object, file: "config.json")
        }
        var ours = try fields(), known = try fields()
        let encoder = try EncoderConfiguration(from: &ours, among: EncoderArchitecture.all + [own]).encoder(key: nil)
        #expect(encoder.width == 8 && encoder.namedParameters.contains { $0.name == "block.0.attention.query.weight" })
        expectError(.unsupported, ["\"own\"", "\"distilbert\""]) { _ = try EncoderConfiguration(from: &known) }
        // Under a name that no other test asks for, it is made known to all.
        let registered = EncoderArchitecture(
            "registered", className: "OwnModel", prefix: "own.", names: ["layers": "block"], keys: ["hidden_size": "width"],
            make: { TransformerEncoder($0, key: $1) })
        EncoderArchitecture.register(registered)
        var object = try fields().rest
        object["model_type"] = "registered"
        var again = JSONFields(object, file: "config.json")
        let configuration = try EncoderConfiguration(from: &again)
        #expect(configuration.architecture == registered)
    }
}
