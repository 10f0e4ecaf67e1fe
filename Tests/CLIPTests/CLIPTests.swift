import Autodiff
import Encoders
import Foundation
import Images
import JSON
import Layers
import ModelFiles
import SentenceEmbeddings
import Testing
import Tokenizers

/// CLIP against the reference's figures from the same files.
struct CLIPTests {
    static let layouts = ["model", "older"]
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func opened(_ name: String) throws -> SentenceTransformer { try SentenceTransformer(folder(name, in: temporary).path) }

    private func prefix(_ name: String) -> String { name == "older" ? "older/" : "" }

    @Test(arguments: layouts) func idsAreThoseOfTheReference(name: String) throws {
        let model = try opened(name)
        for (text, ids) in try texts() { #expect(model.input.tokenize(text) == ids, "\(text)") }
    }

    @Test(arguments: layouts) func preparedImagesAreThoseOfTheReference(name: String) throws {
        let input = try #require(try opened(name).input as? CLIPModel)
        var compared = 0
        for (file, image) in try images() {
            guard let expected = try? figure("\(prefix(name))input/\(file)") else { continue }
            compared += 1
            #expect(input.imageProcessor([image]) == expected.reshaped([1] + expected.shape), "\(file)")
        }
        #expect(compared == 6)
    }

    @Test(arguments: layouts) func embeddingsAreThoseOfTheReference(name: String) throws {
        let model = try opened(name), texts = try texts().map(\.text), images = try images().map(\.image)
        #expect(model.embeddingDimension == 10 && model.maximumSequenceLength == 24)
        #expect(try relativeDifference(model.encode(texts), figure("\(prefix(name))texts")) < 2e-6)
        let found = model.encode(images: images, batchSize: 4)
        let difference = try relativeDifference(found, figure("\(prefix(name))images"))
        #expect(difference < 2e-6, "\(difference)")
        // An embedding does not depend on the images around it.
        #expect(model.encode(images: [images[5]]) == found.sliced(5..<6))
        #expect(model.encode(images: [Image]()).shape == [0, 10])
    }

    @Test func everyParametersGradientIsThatOfTheReference() throws {
        let model = try opened("model"), input = try #require(model.input as? CLIPModel), clip = input.model
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        let batch = TokenBatch(sequences: try texts().map(\.ids)), images = try images().prefix(try texts().count).map(\.image)
        #expect(try relativeDifference(clip.textFeatures(batch, in: .inference), figure("texts.f64")) < 1e-13)
        let (loss, gradients) = valueAndGradients(of: model.parameters) {
            let texts = clip.textFeatures(batch, in: .inference).normalized()
            let logits =
                texts.matmul(input.embeddings(of: images, in: .inference).normalized(), transposingB: true) * clip.logitScale.value.exp()
            let targets = Tensor(indices: Array(images.indices))
            return (logits.crossEntropy(targets: targets) + logits.transposed().crossEntropy(targets: targets)) / 2
        }
        #expect(try abs(loss.item - figure("loss").item) < 1e-10)
        let names = try SafetensorsFile(contentsOf: fixture("figures.safetensors")).names.filter { $0.hasPrefix("gradient/") }
        #expect(Set(clip.namedParameters.map { "gradient/\($0.name)" }) == Set(names))
        for named in clip.namedParameters {
            let expected = try figure("gradient/\(named.name)")
            let found = try #require(gradients[named.parameter], "\(named.name) has no gradient").tensor
            let scale = expected.scalars(as: Double.self).reduce(0) { max($0, abs($1)) }
            #expect(scale > 1e-12 || named.name.hasSuffix("k_proj.bias"), "\(named.name)")
            #expect(found.maximumDifference(to: expected) <= 1e-11 * scale + 1e-13, "\(named.name)")
        }
    }

    @Test(arguments: layouts) func aSavedModelOpensBitForBit(name: String) throws {
        let original = try opened(name), place = temporary.file("saved")
        try original.save(to: place.path)
        let again = try SentenceTransformer(place.path)
        let texts = try texts().map(\.text), images = try images().map(\.image)
        #expect(again.encode(texts) == original.encode(texts) && again.encode(images: images) == original.encode(images: images))
        let source = name == "older" ? "older/0_CLIPModel" : "model"
        let before = try SafetensorsFile(contentsOf: fixture("model/model.safetensors"))
        let after = try SafetensorsFile(contentsOf: place.appendingPathComponent("model.safetensors"))
        #expect(Set(after.names) == Set(before.names))
        for name in before.names { #expect(try after.tensor(name) == before.tensor(name), "\(name)") }
        for file in ["config.json", name == "older" ? "preprocessor_config.json" : "processor_config.json"] {
            let (old, new) = (fixture("\(source)/\(file)"), place.appendingPathComponent(file))
            #expect(try JSONFile.read(new) == JSONFile.read(old), "\(file)")
        }
        guard case .object(let settings) = try JSONFile.read(place.appendingPathComponent("sentence_bert_config.json")) else { return }
        #expect(settings["module_output_name"] == "sentence_embedding")
    }

    @Test func aPlainFolderIsCLIPWithoutPooling() throws {
        let place = try folder("model", in: temporary)
        for file in ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"] {
            try FileManager.default.removeItem(at: place.appendingPathComponent(file))
        }
        let model = try SentenceTransformer(place.path), texts = try texts().map(\.text)
        #expect(model.modules.isEmpty && model.input is CLIPModel)
        #expect(try relativeDifference(model.encode(texts), figure("texts")) < 2e-6)
    }

    @Test func modulesFollowTextsAndImages() throws {
        let original = try opened("model"), images = try images().prefix(3).map(\.image)
        let model = SentenceTransformer(original.input, [Normalize()])
        #expect(model.encode(images: images) == original.encode(images: images).normalized())
        #expect(model.encode(["a cat"]) == original.encode(["a cat"]).normalized())
        #expect(original.encode(images: images, truncateDimension: 4) == original.encode(images: images).sliced(0..<4, alongAxis: 1))
    }

    /// The contrastive loss of both towers falls, on either's own parameters, and a copy stays as it was.
    @Test func bothTowersTrain() throws {
        let model = try opened("model").copied(), input = try #require(model.input as? CLIPModel)
        let images = try images().prefix(6).map(\.image)
        let batch = model.tokenize(columns: [Array(try texts().map(\.text).prefix(6))])
        let copy = model.copied()
        let values = (0..<6).map { step in
            let (loss, gradients) = valueAndGradients(of: model.parameters) {
                let context = Context.training(key: RandomKey(UInt64(step)))
                let texts = model(batch, in: context).requiredSentenceEmbedding.normalized()
                let logits = input.embeddings(of: images, in: context).normalized().matmul(texts, transposingB: true)
                return (logits * input.model.logitScale.value.exp()).crossEntropy(targets: Tensor(indices: Array(0..<6)))
            }
            for parameter in model.parameters {
                guard let gradient = gradients[parameter] else { continue }
                parameter.value = parameter.value - gradient.tensor * 0.02
            }
            return loss.item
        }
        #expect(values.last! < 0.9 * values[0])
        #expect(copy.encode(images: images) != model.encode(images: images))
        let training = EncoderTraining(recomputesLayers: true, packsActivations: true)
        let trained = try #require(model.training(training))
        #expect(relativeDifference(trained(batch, in: .inference).sentenceEmbedding!, model(batch, in: .inference).sentenceEmbedding!) == 0)
    }

    @Test func newModelsAreDrawnAndComeBack() throws {
        let tokenizer = try opened("model").input.tokenizer
        var sizes = CLIPConfiguration(
            vocabularySize: tokenizer.vocabularySize, textWidth: 12, visionWidth: 8, layerCount: 2, headCount: 2, projectionSize: 6,
            imageSize: 10, patchSize: 5, maximumLength: 20, endOfText: tokenizer.vocabularySize - 1)
        sizes.vision[.patchSize] = 3
        let model = SentenceTransformer(CLIPModel(sizes.encoder(key: RandomKey(1)), tokenizer: tokenizer))
        let images = try images().prefix(3).map(\.image)
        try model.save(to: temporary.file("new").path)
        let again = try SentenceTransformer(temporary.file("new").path)
        #expect(again.encode(images: images) == model.encode(images: images) && again.encode(["a cat"]) == model.encode(["a cat"]))
        #expect(model.encode(images: images).shape == [3, 6] && model.maximumSequenceLength == 20)
        #expect(Set(model.encode(images: images).scalars(as: Double.self)).count > 12)
    }

    static let broken: [(String, [String], String, [String])] = [
        ("config.json", ["vision_config", "image_size"], "13", ["image_size", "13 × 13"]),
        ("config.json", ["vision_config", "image_size"], "16000", ["image_size", "too small"]),
        ("config.json", ["vision_config", "patch_size"], "50", ["patch_size", "50"]),
        ("config.json", ["vision_config", "hidden_size"], "2000000000", ["hidden_size", "too small"]),
        ("config.json", ["text_config", "vocab_size"], "2000000000", ["vocab_size", "too small"]),
        ("config.json", ["text_config", "eos_token_id"], "[1, 2]", ["eos_token_id", "number"]),
        ("config.json", ["text_config", "hidden_act"], "\"snake\"", ["hidden_act", "gelu"]),
        ("config.json", ["projection_dim"], "11", ["text_projection", "[10, 8]"]),
        ("config.json", ["projection_dim"], "2000000000", ["projection_dim", "too small"]),
        ("processor_config.json", ["image_processor", "resample"], "0", ["resample", "nearest"]),
        ("processor_config.json", ["image_processor", "image_std"], "[1, 0, 1]", ["image_std", "divided"]),
        ("processor_config.json", ["image_processor", "size"], "\"large\"", ["size", "large"]),
        ("sentence_bert_config.json", ["module_output_name"], "\"token_embeddings\"", ["module_output_name", "sentence_embedding"]),
        (
            "sentence_bert_config.json", ["modality_config", "text", "method"], "\"forward\"", ["modality_config", "get_text_features"]
        ),
    ]

    @Test(arguments: broken) func whatCannotBeRunIsRefusedByItsKey(file: String, key: [String], value: String, words: [String]) throws {
        let place = try folder("model", in: temporary)
        func changed(_ value: JSONValue, _ path: ArraySlice<String>, to new: JSONValue) -> JSONValue {
            guard let key = path.first, case .object(var object) = value else { return new }
            object[key] = changed(object[key] ?? .null, path.dropFirst(), to: new)
            return .object(object)
        }
        let url = place.appendingPathComponent(file)
        try JSONFile.write(
            changed(try JSONFile.read(url), key[...], to: try JSONValue.parse([UInt8](value.utf8))), to: url, style: .compact)
        do {
            _ = try SentenceTransformer(place.path)
            Issue.record("\(key) \(value) was accepted")
        } catch let error as ModelFileError {
            for word in words { #expect(error.description.contains(word), "\(error) lacks \(word)") }
        }
    }
}
