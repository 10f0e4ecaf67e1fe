import Foundation
import Tapestry
import Testing

/// What evaluation during training gives, and when.
struct EvaluationDuringTrainingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func evaluationSteps(_ configure: (inout TrainingArguments) -> Void) throws -> [Int] {
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), evalDataset: pairs().prefix(8),
            arguments: settings(folder, epochs: 2, configure))
        try trainer.train()
        return trainer.state.curve("eval_loss").map(\.step)
    }

    @Test func evaluationComesWhenTheStrategySays() throws {
        #expect(try evaluationSteps { $0.evalStrategy = .no } == [])
        #expect(try evaluationSteps { $0.evalStrategy = .epoch } == [5, 10])
        // The last step is evaluated too, once.
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalSteps) = (.steps, 4) } == [4, 8, 10])
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalSteps) = (.steps, 5) } == [5, 10])
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalSteps) = (.steps, 0.3) } == [3, 6, 9, 10])
        // Without steps of its own it follows the logs.
        #expect(try evaluationSteps { ($0.evalStrategy, $0.loggingSteps) = (.steps, 6) } == [6, 10])
    }

    @Test func evaluationWaitsOrComesFirst() throws {
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalSteps, $0.evalDelay) = (.steps, 2, 5) } == [6, 8, 10])
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalDelay) = (.epoch, 2) } == [10])
        #expect(try evaluationSteps { ($0.evalStrategy, $0.evalOnStart) = (.epoch, true) } == [0, 5, 10])
    }

    @Test func textsThatRepeatAreEmbeddedOnce() throws {
        let (model, noisy) = (try model(), try model(dropout: true))
        let (texts, others) = (["a cat", "a dog sleeps", "a cat", "a cat"], ["a dog sleeps", "a cat", "a dog sleeps", "a bird"])
        let batch = TrainingBatch(texts: [texts, others], model: model)
        var done: [Int] = []
        let (distinct, places) = model.distinctEmbeddings(of: batch.tokens.contents, batchSize: 2) { done.append($0) }
        #expect(distinct.shape[0] == 3 && Set(places).count == 3 && done.last == 8 && done.count == 2)
        let stage = LossStage(CosineSimilarityLoss(), batch, key: nil)
        let embeddings = stage.embeddings(of: batch.tokens, by: model, in: .inference)[0]
        #expect(embeddings.values == model.encode(texts + others).values)
        // What differs in type or prompt is not the same text; what draws is not the same sample.
        let sequences: [[Int32]] = [[1, 2], [1, 2], [1, 2]]
        func contents(_ batch: TokenBatch) -> Int { Set((0..<3).map(batch.content(of:))).count }
        #expect(contents(TokenBatch(sequences: sequences)) == 1)
        #expect(contents(TokenBatch(sequences: sequences, typeIDs: [[0, 0], [0, 1], [0, 0]])) == 2)
        #expect(contents(TokenBatch(sequences: sequences, promptLengths: [1, 1, 0])) == 2)
        let training = stage.embeddings(of: batch.tokens, by: noisy, in: .training(key: RandomKey(1)))[0]
        #expect(training.sliced(0..<1).values != training.sliced(2..<3).values)
    }

    @Test func whatIsRememberedIsForgottenWithTheWeights() throws {
        let model = try model()
        let remembering = model.rememberingEmbeddings()
        let texts = ["a cat", "a dog sleeps", "a bird"]
        let before = remembering.encode(Array(texts.prefix(2)))
        // Other texts, truncation and length are worked out of what is known.
        #expect(remembering.encode(texts).values == model.encode(texts).values)
        #expect(
            remembering.encode(texts, normalizesEmbeddings: true, truncateDimension: 3).values
                == model.encode(texts, normalizesEmbeddings: true, truncateDimension: 3).values)
        let weight = model.parameters[0]
        weight.value = weight.value * 1.5
        #expect(remembering.encode(texts).values == model.encode(texts).values)
        #expect(remembering.encode(Array(texts.prefix(2))).values != before.values)
        // In place, as optimizers do.
        let optimizer = Optimizer(AdamW(), groups: [.init(parameters: model.namedParameters, weightDecay: 0)])
        let sum = valueAndGradients(of: model.parameters) { model.parameters.reduce(Tensor(0)) { $0 + $1.value.sum() } }
        optimizer.step(sum.gradients, learningRate: 0.1)
        #expect(remembering.encode(texts).values == model.encode(texts).values)
    }

    @Test func theLossIsTheMeanOverAllRowsWithoutDropout() throws {
        let (model, dataset) = (try model(dropout: true), try pairs().prefix(21))
        let trainer = try Trainer(
            model, loss: CosineSimilarityLoss(), dataset: pairs(), evalDataset: dataset,
            arguments: settings(folder) { $0.perDeviceEvalBatchSize = 8 })
        let metrics = try trainer.evaluate()
        #expect(
            metrics.map(\.key) == [
                "eval_loss", "eval_runtime", "eval_samples_per_second", "eval_steps_per_second", "epoch",
            ])
        let a = model.encode(dataset.columns[0].texts), b = model.encode(dataset.columns[1].texts)
        let errors = zip(pairwiseCosineSimilarity(a, b).values, dataset.labels!.values).map { ($0 - $1) * ($0 - $1) }
        #expect(abs(metrics[0].value - errors.reduce(0, +) / 21) < 1e-6)
        #expect(try trainer.evaluate()[0].value == metrics[0].value)
    }

    @Test func anEvaluatorsMetricsAndFileAreThere() throws {
        let evaluator = try EmbeddingSimilarityEvaluator(pairs(), name: "dev")
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), evalDataset: pairs().prefix(8),
            evaluator: evaluator, arguments: settings(folder) { $0.evalStrategy = .epoch })
        try trainer.train()
        let entry = try #require(trainer.state.logHistory.first { $0["eval_loss"] != nil })
        #expect(
            entry.values.map(\.key) == [
                "eval_loss", "eval_dev_pearson_cosine", "eval_dev_spearman_cosine", "eval_runtime",
                "eval_samples_per_second", "eval_steps_per_second", "epoch",
            ])
        #expect(entry["eval_dev_spearman_cosine"] == (try evaluator(trainer.model)["dev_spearman_cosine"]))
        let lines = try String(
            contentsOf: folder.file("output/eval/similarity_evaluation_dev_results.csv"), encoding: .utf8
        )
        .split(whereSeparator: \.isNewline)
        #expect(lines.first == "epoch,steps,cosine_pearson,cosine_spearman")
        #expect(lines.count == 2)
        #expect(lines.last?.hasPrefix("1,5,") == true)
    }

    @Test func anEvaluatorAloneIsEnoughAndToldWhereItStands() throws {
        let evaluator = ScriptedEvaluator("eval_score", [0.25, 0.5])
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: evaluator,
            arguments: settings(folder) { ($0.evalStrategy, $0.evalSteps) = (.steps, 3) })
        try trainer.train()
        // A metric that is called `eval_…` already does not get a second prefix.
        #expect(trainer.state.curve("eval_score").map(\.step) == [3, 5])
        #expect(trainer.state.curve("eval_score").map(\.value) == [0.25, 0.5])
        #expect(trainer.state.curve("eval_loss").isEmpty)
        #expect(evaluator.recorded.map(\.epoch) == [0.6, 1])
        #expect(evaluator.recorded.map(\.steps) == [3, 5])
        #expect(evaluator.recorded.allSatisfy { $0.outputPath?.path == folder.file("output/eval").path })
    }
}
