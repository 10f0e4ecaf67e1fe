import Foundation
import Tapestry
import Testing

/// Unsupervised objectives against the reference, against central differences, and by laws of their own.
struct UnsupervisedObjectiveTests {
    /// In float64 also with small blocks: the figures do not depend on those.
    @Test(arguments: UnsupervisedCase.all, [(DType.float64, nil), (.float64, 70), (.float32, nil)])
    func valueAndEveryGradientAreTheReferences(_ c: UnsupervisedCase, _ run: (dtype: DType, elementsPerBlock: Int?)) throws {
        let model = try exactModel(dtype: run.dtype)
        let objective = try c.objective(model, elementsPerBlock: run.elementsPerBlock)
        let batch = c.batch(model)
        let relative = run.dtype == .float64 ? 1e-9 : 1e-5, floor = run.dtype == .float64 ? 1e-13 : 1e-6
        let result = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: true)
        let expected = try c.reference("value").item
        #expect(abs(result.loss - expected) <= relative * max(1, abs(expected)))
        #expect(abs(objective.value(model, batch).total.item - expected) <= relative * max(1, abs(expected)))
        let parameters = c.parameters(model, objective)
        #expect(Set(parameters.map(\.name)).union(["value"]) == c.figures)
        for named in parameters {
            let reference = try c.reference(named.name)
            let gradient = try #require(result.gradients[named.parameter], "\(named.name) has no gradient").tensor
            #expect(gradient.dtype == run.dtype && gradient.shape == reference.shape)
            let largest = reference.values.reduce(0) { max($0, abs($1)) }
            let difference = gradient.cast(to: .float64).maximumDifference(to: reference)
            #expect(difference <= 10 * relative * largest + floor, "\(named.name): \(difference) of \(largest)")
        }
    }

    private static let small = UnsupervisedCase.all.filter {
        ["ct.labelled", "inBatch.apart", "tsdae.tied", "tsdae.untied"].contains($0.name)
    }

    @Test(arguments: small) func gradientsEqualCentralDifferences(_ c: UnsupervisedCase) throws {
        let model = try exactModel()
        let objective = try c.objective(model, elementsPerBlock: 70)
        let batch = c.batch(model)
        let report = gradientCheck(of: c.parameters(model, objective), tolerance: 1e-5) {
            objective.loss(model, batch, in: .inference).total
        }
        #expect(report.passed, "\(report)")
    }

    /// By a parameter of each kind, since each comparison costs a pass and its derivative.
    @Test(arguments: small) func secondDerivativesEqualCentralDifferences(_ c: UnsupervisedCase) throws {
        let model = try exactModel()
        let objective = try c.objective(model, elementsPerBlock: 70)
        let batch = c.batch(model)
        let endings = ["logit_scale", "LayerNorm.weight", "value.bias", "predictions.bias"]
        let parameters = c.parameters(model, objective).filter { named in endings.contains { named.name.hasSuffix($0) } }
        let report = gradientCheck(of: parameters, order: 2, tolerance: 1e-4) { objective.loss(model, batch, in: .inference).total }
        #expect(report.passed, "\(report)")
    }

    @Test(arguments: small) func theSameKeyDrawsTheSameAndOnlyTheModelHasDropout(_ c: UnsupervisedCase) throws {
        let model = try model("mini-bert", dropout: true)
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: .float64) }
        let objective = try c.objective(model)
        func loss(_ key: UInt64) throws -> Double {
            try objective.valueAndGradients(model, c.batch(model), key: RandomKey(key), detectingAnomalies: false).loss
        }
        #expect(try loss(1) == loss(1))
        #expect(try loss(1) != loss(2))
        #expect(objective.value(model, c.batch(model)).total.item != (try loss(1)))
    }

    @Test func duplicatesAreNoNegatives() throws {
        let model = try exactModel()
        let texts = ["a child sings", "red", "a child sings", "the cat sleeps"]
        let objective = ContrastiveTensionLossInBatchNegatives(model: model, .init(scale: 5, masksDuplicates: true))
        let batch = TrainingBatch(texts: [texts], model: model)
        let x = model(batch.tokens, in: .inference).requiredSentenceEmbedding
        let z = (cosineSimilarity(x, x) * 5).values
        // By hand: a row's candidates are all but its duplicates. The matrix is symmetric here, so rows are columns.
        var sum = 0.0
        for i in 0..<4 {
            let candidates = (0..<4).filter { $0 == i || texts[$0] != texts[i] }
            sum += log(candidates.reduce(0) { $0 + exp(z[i * 4 + $1]) }) - z[i * 4 + i]
        }
        #expect(abs(objective.value(model, batch).total.item - sum / 4) < 1e-12)
        let plain = ContrastiveTensionLossInBatchNegatives(model: model, .init(scale: 5))
        #expect(plain.value(model, batch).total.item > sum / 4 + 0.1)
    }

    @Test func bothEncodersAndTheScaleTrain() throws {
        let folder = try TemporaryFolder()
        let model = try model("tiny-bert")
        let objective = ContrastiveTensionLossInBatchNegatives(model: model)
        let before = (weights(model), weights(objective.model1), objective.logitScale.value.item)
        #expect(before.0 == before.1)
        let sentences = try Dataset(["sentence": try pairs().column(named: "sentence1")])
        try Trainer(model, objective: objective, dataset: sentences, arguments: settings(folder)).train()
        #expect(zip(before.0, weights(model)).allSatisfy { $0 != $1 })
        #expect(zip(before.1, weights(objective.model1)).allSatisfy { $0 != $1 })
        #expect(zip(weights(model), weights(objective.model1)).allSatisfy { $0 != $1 })
        #expect(objective.logitScale.value.item != before.2)
        #expect(objective.configuration[0].key == "scale" && objective.configuration[0].value != "20.0")
    }

    @Test(arguments: [true, false]) func reconstructionLearns(isTied: Bool) throws {
        let folder = try TemporaryFolder()
        let model = try model("mini-bert")
        let decoder = UnsupervisedCase.folder.appendingPathComponent("decoder").path
        let objective = try DenoisingAutoEncoderLoss(
            model: model, decoderNameOrPath: isTied ? nil : decoder, tieEncoderDecoder: isTied)
        let rows = DenoisingAutoEncoderDataset(try pairs().column(named: "sentence1"))
        let recorder = StepRecorder()
        try Trainer(
            model, objective: objective, dataset: rows, arguments: settings(folder, epochs: 8) { $0.learningRate = 5e-3 },
            callbacks: [recorder]
        ).train()
        #expect(recorder.losses.last! < 0.7 * recorder.losses[0])
        #expect(model.parameters.contains { $0 === objective.decoder.words } == isTied)
    }

    @Test func aDecoderIsReadAsItWasWritten() throws {
        let folder = try TemporaryFolder()
        let decoder = BertDecoder(
            sharing: try #require(try model("mini-bert").transformer?.model as? TransformerEncoder), key: RandomKey(5))
        try decoder.save(to: folder.url)
        let again = try BertDecoder(folder: folder.url, key: RandomKey(6))
        #expect(again.namedParameters.map(\.name) == decoder.namedParameters.map(\.name))
        #expect(zip(again.parameters, decoder.parameters).allSatisfy { $0.value == $1.value && $0 !== $1 })
        #expect(try folder.content() == ["config.json", "model.safetensors"])
        // An encoder's folder lacks the rest, which the key draws.
        let fromEncoder = try BertDecoder(folder: fixture("models/mini-bert"), key: RandomKey(5))
        #expect(zip(fromEncoder.parameters, decoder.parameters).allSatisfy { $0.value == $1.value })
    }

    @Test(arguments: ["tiny-bert", "tiny-dense"]) func aCopySharesNothing(name: String) throws {
        let model = try model(name)
        model.parameters[0].isTrainable = false
        let copy = model.copied()
        #expect(copy.namedParameters.map(\.name) == model.namedParameters.map(\.name))
        #expect(
            zip(copy.parameters, model.parameters).allSatisfy {
                $0 !== $1 && $0.value == $1.value && $0.isTrainable == $1.isTrainable
            })
        let before = model.encode(["a child sings"])
        #expect(copy.encode(["a child sings"]) == before)
        for parameter in copy.parameters { parameter.update { $0 += Tensor.ones($0.shape) } }
        #expect(model.encode(["a child sings"]) == before)
    }
}
