import Foundation
import Tapestry
import Testing

/// Gradients of the four losses with respect to every parameter of a model, against the reference's.
struct GradientTests {
    /// The texts of the fixture: the columns that a loss takes, and the scores.
    private struct Texts {
        let columns: [[String]]
        let scores: [Double]

        init(for loss: String) throws {
            let root = try JSONFile.readObject(fixture("losses/model_texts.json"))
            guard case .object(let counts)? = root["columns"], case .integer(let count)? = counts[loss],
                case .array(let scores)? = root["score"]
            else { throw FixtureError("model_texts.json") }
            columns = try (1...count).map { number in
                guard case .array(let texts)? = root["sentence\(number)"] else { throw FixtureError("model_texts.json") }
                return try texts.map { value in
                    guard case .string(let text) = value else { throw FixtureError("model_texts.json") }
                    return text
                }
            }
            self.scores = try scores.map { value in
                switch value {
                case .number(let number): number.doubleValue
                case .integer(let integer): Double(integer)
                default: throw FixtureError("model_texts.json")
                }
            }
        }
    }

    @Test(arguments: ["CoSENTLoss", "CosineSimilarityLoss", "MultipleNegativesRankingLoss", "TripletLoss"], [DType.float64, .float32])
    func everyParametersGradientIsThatOfTheReference(name: String, dtype: DType) throws {
        let model = try model("mini-bert", dtype)
        let texts = try Texts(for: name)
        let batch = TrainingBatch(texts: texts.columns, labels: Tensor(texts.scores, dtype: dtype), model: model)
        let loss = try LossCatalog.loss(named: name)
        let lengths = [Int](repeating: batch.rowCount, count: batch.columnCount)
        let (value, gradients) = valueAndGradients(of: model.parameters) {
            let embeddings = model(batch.tokens, in: .inference).sentenceEmbedding!
            return loss.value(of: embeddings.split(lengths: lengths), labels: batch.labels)
        }
        let file = try SafetensorsFile(contentsOf: fixture("losses/model_gradients.safetensors"))
        let relative = dtype == .float64 ? 1e-8 : 1e-4
        let expectedValue = try file.tensor("\(name)/value").item
        #expect(abs(value.item - expectedValue) <= relative * abs(expectedValue))
        // All of the fixture's gradients are compared, none is left over.
        let parameters = model.transformer!.model.namedParameters
        #expect(
            Set(parameters.map { "\(name)/\($0.name)" } + ["\(name)/value"])
                == Set(file.names.filter { $0.hasPrefix("\(name)/") }))
        for named in parameters {
            let expected = try file.tensor("\(name)/\(named.name)")
            let gradient = try #require(gradients[named.parameter], "\(named.name) has no gradient").tensor
            #expect(gradient.dtype == dtype)
            #expect(gradient.shape == expected.shape)
            let scale = expected.values.reduce(0) { max($0, abs($1)) }
            #expect((scale < 1e-12) == Self.isZero(named.name, for: name), "\(named.name): \(scale)")
            let floor = dtype == .float64 ? 1e-14 : 1e-6
            let difference = gradient.cast(to: .float64).maximumDifference(to: expected)
            #expect(difference <= relative * scale + floor, "\(named.name): \(difference) of \(scale)")
        }
    }

    /// Which derivatives are exactly zero: soft-max does not see a shift that all scores share, nor do distances see
    /// one that all embeddings share.
    private static func isZero(_ parameter: String, for loss: String) -> Bool {
        parameter.hasSuffix("attention.self.key.bias")
            || loss == "TripletLoss" && parameter == "encoder.layer.0.output.LayerNorm.bias"
    }
}
