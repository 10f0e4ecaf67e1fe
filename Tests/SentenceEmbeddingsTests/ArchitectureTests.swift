import Foundation
import Tapestry
import Testing

/// Whole models whose encoder is no BERT: from the text to the embedding, to a folder, and back.
struct ArchitectureTests {
    static let names = ["tiny-distilbert", "tiny-roberta"]
    private let distilbert: SentenceTransformer

    init() throws { distilbert = try Self.opened("tiny-distilbert") }

    private static func opened(_ name: String) throws -> SentenceTransformer {
        try SentenceTransformer(fixture("encoders/\(name)").path)
    }

    @Test(arguments: names) func idsAndEmbeddingsAreThoseOfTheReference(name: String) throws {
        let texts = try Sentences().texts
        let expected = try SafetensorsFile(contentsOf: fixture("encoders/\(name).safetensors")).tensor("embeddings")
        let model = try Self.opened(name)
        let ids = texts.map { text in JSONValue.array(model.input.tokenize(text).map { .integer(Int($0)) }) }
        guard case .array(let expectedIDs) = try JSONFile.read(fixture("encoders/\(name).json")) else { throw FixtureError(name) }
        #expect(ids == Array(expectedIDs.prefix(texts.count)))
        #expect(model.encode(texts).maximumDifference(to: expected.sliced(0..<texts.count)) < 1e-5)
        #expect(model.input.summary.hasPrefix("\(name.dropFirst(5)), 2 layers, width 12, 2 heads"))
        #expect(model.maximumSequenceLength == 24)
    }

    @Test(arguments: names) func aSavedModelOpensBitForBit(name: String) throws {
        let folder = try TemporaryFolder()
        let original = try Self.opened(name)
        try original.save(to: folder.file("saved").path)
        let again = try SentenceTransformer(folder.file("saved").path)
        let texts = try Sentences().texts
        #expect(again.encode(texts) == original.encode(texts))
        #expect(again.namedParameters.map(\.name) == original.namedParameters.map(\.name))
        let before = try SafetensorsFile(contentsOf: fixture("encoders/\(name)/model.safetensors"))
        let after = try SafetensorsFile(contentsOf: folder.file("saved/model.safetensors"))
        #expect(Set(after.names) == Set(before.names))
        for name in before.names { #expect(try after.tensor(name) == before.tensor(name), "\(name)") }
        #expect(try JSONFile.read(folder.file("saved/config.json")) == JSONFile.read(fixture("encoders/\(name)/config.json")))
    }

    @Test func itIsCutAndCopiedAsAnyOther() throws {
        let texts = Array(try Sentences().texts.prefix(3))
        let layers = distilbert.layerEmbeddings(distilbert.tokenize(columns: [texts]), in: .inference)
        let cut = distilbert.truncated(toLayers: 1)
        #expect(cut(distilbert.tokenize(columns: [texts]), in: .inference).sentenceEmbedding == layers[1])
        let copy = distilbert.copied()
        copy.parameters[0].value = copy.parameters[0].value * 2
        #expect(copy.encode(texts) != distilbert.encode(texts))
    }

    @Test func itTrainsAndBiasesAndNormsDoNotDecay() throws {
        let model = distilbert.copied()
        let batch = TrainingBatch(texts: [["A child sings.", "the dog"], ["a song", "the cat"]], labels: nil, model: model)
        let optimizer = Optimizer(AdamW(), parameters: model.namedParameters, weightDecay: 0.1)
        let exempt = model.namedParameters.map(\.name).filter(Optimizer.isExemptFromDecay)
        #expect(exempt.count == model.namedParameters.count - 2 - 2 * 6)
        let values = (0..<5).map { step in
            let (value, gradients) = valueAndGradients(of: model.parameters) {
                let embeddings = model(batch.tokens, in: .inference).sentenceEmbedding!.split(lengths: [2, 2])
                return MultipleNegativesRankingLoss().value(of: embeddings, labels: nil)
            }
            optimizer.step(gradients, learningRate: 1e-2)
            return value.item
        }
        #expect(values.last! < values[0])
    }

    @Test func aDecoderIsTiedToBertOnly() throws {
        expectError(LossInputError.self, ["DenoisingAutoEncoderLoss", "architecture bert", "distilbert", "tie_encoder_decoder"]) {
            _ = try DenoisingAutoEncoderLoss(model: distilbert)
        }
        let decoder = fixture("unsupervised/decoder").path
        let untied = try DenoisingAutoEncoderLoss(model: distilbert, decoderNameOrPath: decoder, tieEncoderDecoder: false)
        #expect(untied.decoder.width == distilbert.embeddingDimension)
        expectError(ModelFileError.self, ["config.json", "model_type", "distilbert", "bert"]) {
            _ = try BertDecoder(folder: fixture("encoders/tiny-distilbert"), key: RandomKey(1))
        }
    }

    @Test func layersOfTheWholeModelAreExchangedByName() throws {
        struct Negated: LinearLayer {
            let layer: any LinearLayer
            var floats: (weight: Tensor, bias: Tensor?) { (-layer.floats.weight, layer.floats.bias.map { -$0 }) }
            func callAsFunction(_ x: Tensor) -> Tensor { -layer(x) }
            func copied() -> Negated { Negated(layer: layer.copied()) }
        }
        let model = try model("tiny-dense")
        var names: [String] = []
        model.replaceLayers { name, _ in
            names.append(name); return nil
        }
        #expect(names.contains("0.model.encoder.layer.0.output.dense") && names.last == "2.linear")
        let before = model.encode(["A child sings."])
        let originals = model.replaceLayers { name, layer in name == "2.linear" ? Negated(layer: layer) : nil }
        #expect(originals.count == 1 && model.encode(["A child sings."]) == -before)
        let folder = try TemporaryFolder()
        try model.save(to: folder.file("saved").path)
        #expect(try SentenceTransformer(folder.file("saved").path).encode(["A child sings."]) == -before)
    }
}
