import Foundation
import Tapestry
import Testing

/// Where one run ends and the next begins, and what belongs to a run beside the model.
struct RunTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Mean square distance times a learned scale, or whatever `value` makes of the two.
    private struct ScaledLoss: EmbeddingLoss {
        let inputs = LossInputs(columns: ["sentence1", "sentence2"])
        let scale = Parameter(Tensor(1))
        var value: @Sendable (_ distance: Tensor, _ scale: Tensor) -> Tensor = { $0 * $1 }

        var parameters: [NamedParameter] { [NamedParameter(name: "scale", parameter: scale)] }

        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
            value((embeddings[0] - embeddings[1]).square().mean(), scale.value)
        }
    }

    private func trainer(
        _ loss: any Loss, _ model: SentenceTransformer? = nil, evaluator: (any Evaluator<SentenceTransformer>)? = nil,
        optimizer: Optimizer? = nil, callbacks: [any TrainerCallback] = [], _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model ?? TrainingTests.model(), loss: loss, dataset: pairs().selecting(inputs: ["sentence1", "sentence2"], label: nil),
            evaluator: evaluator, arguments: settings(folder, configure), optimizer: optimizer, callbacks: callbacks)
    }

    // MARK: A loss's own parameters

    @Test func aGradientOfALossThatIsNotFiniteIsNotApplied() throws {
        let loss = ScaledLoss { distance, scale in distance + (scale * 0).sqrt() }
        let trainer = try trainer(loss)
        expectError(TrainingError.self, ["step 1", "the loss's own parameters", "derivative of sqrt"]) { try trainer.train() }
        #expect(loss.scale.value.item == 1)
    }

    @Test func aParameterOfALossThatIsNotFiniteIsNamed() throws {
        let loss = ScaledLoss()
        loss.scale.value = Tensor(.nan)
        let trainer = try trainer(loss)
        expectError(TrainingError.self, ["step 1", "parameter loss.0.scale"]) { try trainer.train() }
    }

    @Test func anOptimizerHasToKnowALosssParameters() throws {
        let model = try model()
        let loss = ScaledLoss()
        let others = Optimizer(AdamW(), parameters: model.namedParameters)
        expectError(TrainingError.self, ["parameter 0.scale", "in no group of the optimizer", "isTrainable"]) {
            _ = try trainer(loss, model, optimizer: others)
        }
        let all = Optimizer(AdamW(), parameters: model.namedParameters, unclipped: loss.parameters)
        try trainer(loss, model, optimizer: all).train()
        #expect(loss.scale.value.item != 1)
        loss.scale.isTrainable = false
        _ = try trainer(loss, model, optimizer: others)
    }

    @Test func aLosssParametersAreInEveryFolder() throws {
        let loss = ScaledLoss()
        let trainer = try trainer(loss) { ($0.saveStrategy, $0.saveSteps) = (.steps, 3) }
        try trainer.train()
        try trainer.saveModel(to: folder.file("model").path)
        for (name, isLast) in [("output/checkpoint-3", false), ("output/checkpoint-5", true), ("model", true)] {
            let found = ScaledLoss()
            try LossObjective(found).takeParameters(from: folder.file(name))
            #expect(found.scale.value.item != 1)
            #expect((found.scale.value == loss.scale.value) == isLast, "\(name)")
        }
        expectError(ModelFileError.self, ["loss.safetensors", "No such file"]) {
            try LossObjective(ScaledLoss()).takeParameters(from: fixture("models/tiny-bert"))
        }
    }

    @Test func theBestModelComesBackWithItsLoss() throws {
        let loss = ScaledLoss()
        let trainer = try trainer(loss, evaluator: ScriptedEvaluator("score", [0.1, 0.9, 0.2, 0.3, 0.4])) {
            ($0.saveStrategy, $0.saveSteps, $0.evalStrategy, $0.evalSteps) = (.steps, 1, .steps, 1)
            ($0.loadBestModelAtEnd, $0.metricForBestModel) = (true, "score")
        }
        try trainer.train()
        let best = ScaledLoss()
        try LossObjective(best).takeParameters(from: folder.file("output/checkpoint-2"))
        #expect(loss.scale.value == best.scale.value)
        #expect(try weights(trainer.model) == weights(SentenceTransformer(folder.file("output/checkpoint-2").path)))
    }

    // MARK: Nothing to train

    @Test func aFrozenModelIsRefused() throws {
        let model = try model()
        for parameter in model.parameters { parameter.isTrainable = false }
        expectError(TrainingError.self, ["nothing would be trained", "frozen"]) { _ = try trainer(CosineLoss(), model) }
        // A loss's parameter beside a frozen model is something.
        try trainer(ScaledLoss(), model).train()
    }

    private struct CosineLoss: EmbeddingLoss {
        let inputs = LossInputs(columns: ["sentence1", "sentence2"])
        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor { (embeddings[0] * embeddings[1]).mean() }
    }

    /// The share of dimensions in which one is larger: a figure, but no loss.
    private struct ComparingLoss: EmbeddingLoss {
        let inputs = LossInputs(columns: ["sentence1", "sentence2"])
        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
            (embeddings[0] .> embeddings[1]).cast(to: .float32).mean()
        }
    }

    @Test(arguments: [LossObjective(ComparingLoss()), Cached(ComparingLoss(), miniBatchSize: 3)] as [any SentenceObjective])
    func aLossWithoutDerivativeIsRefused(_ objective: any SentenceObjective) throws {
        let dataset = try pairs().selecting(inputs: ["sentence1", "sentence2"], label: nil)
        let task = try TrainingTask(dataset, objective: objective)
        let trainer = try Trainer(TrainingTests.model(), tasks: [task], arguments: settings(folder))
        expectError(TrainingError.self, ["nothing would be trained", objective.name, "derivative"]) { try trainer.train() }
        #expect(trainer.state.globalStep == 0)
    }

    @Test func anEpochWithoutABatchIsRefused() throws {
        let same = try Dataset(["sentence1": Array(repeating: "a", count: 6), "sentence2": (0..<6).map { "b \($0)" }])
        let trainer = try Trainer(
            model(), loss: MultipleNegativesRankingLoss(), dataset: same,
            arguments: settings(folder) {
                ($0.perDeviceTrainBatchSize, $0.batchSampler, $0.dataloaderDropLast) = (4, .noDuplicates, true)
            })
        expectError(TrainingError.self, ["nothing would be trained", "epoch 1 has no batch", "no_duplicates"]) { try trainer.train() }
    }

    @Test(arguments: [(1, true), (2, false)])
    func batchesThatTeachNothingAreWarnedOf(batchSize: Int, isWarned: Bool) throws {
        let rows = try pairs().selecting(inputs: ["sentence1", "sentence2"], label: nil).prefix(4)
        let trainer = try Trainer(
            model(), loss: MultipleNegativesRankingLoss(), dataset: rows,
            arguments: settings(folder, epochs: 2) {
                $0.perDeviceTrainBatchSize = batchSize
            })
        try trainer.train()
        #expect(trainer.warnings.filter { $0.contains("every gradient of this epoch was exactly 0") }.count == (isWarned ? 1 : 0))
    }

    @Test(
        arguments: [
            (["anchor", "positive"], []), (["question", "answer", "other"], []), (["label_text", "comment"], []),
            (
                ["positive", "anchor"],
                ["\"positive\", usually column 2, is taken as anchor", "\"anchor\", usually column 1, is taken as positive"]
            ),
            (["negative", "anchor", "positive"], ["\"negative\", usually column 3, is taken as anchor"]),
            (["idx", "anchor", "positive"], ["\"idx\", which holds numbers only, is taken as anchor", "--columns"]),
        ] as [([String], [String])])
    func columnsInAnUnusualPlaceAreWarnedOf(names: [String], words: [String]) throws {
        let text =
            ([names] + (0..<4).map { row in names.map { $0 == "idx" ? "\(row)" : "\($0) \(row)" } })
            .map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
        let url = folder.file("rows.csv")
        try text.write(to: url, atomically: true, encoding: .utf8)
        let trainer = try Trainer(
            model(), loss: MultipleNegativesRankingLoss(), dataset: Dataset(contentsOf: url), arguments: settings(folder))
        #expect(trainer.warnings.count == (words.isEmpty ? 0 : 1))
        for word in words { #expect(trainer.warnings[0].contains(word), "\(trainer.warnings)") }
    }

    @Test(arguments: [true, false]) func aLabelThatALossDoesNotUseIsWarnedOf(isUsed: Bool) throws {
        let loss: any Loss = isUsed ? CoSENTLoss() : MultipleNegativesRankingLoss()
        let trainer = try Trainer(model(), loss: loss, dataset: pairs(), arguments: settings(folder))
        #expect(
            trainer.warnings.filter { $0.contains("uses no labels; the column \"score\"") }.count == (isUsed ? 0 : 1), "\(trainer.warnings)"
        )
    }

    // MARK: Run after run

    @Test func trainingAgainIsAnotherRun() throws {
        let recorder = StepRecorder()
        let trainer = try trainer(CosineLoss(), callbacks: [recorder])
        try trainer.train()
        let first = recorder.losses
        let summary = try trainer.train()
        #expect(trainer.state.globalStep == 5)
        #expect(recorder.losses.count == 10 && Array(recorder.losses[5...]) != first)
        #expect(summary.first { $0.key == "epoch" }?.value == 1)
        #expect(trainer.state.logHistory.filter { $0["train_runtime"] != nil }.count == 1)

        // The same as a new trainer on that model: moments, schedule and keys begin again.
        let model = try model()
        _ = try self.trainer(CosineLoss(), model).train()
        _ = try self.trainer(CosineLoss(), model).train()
        #expect(weights(trainer.model) == weights(model))
    }

    @Test func anEarlierRunsFilesAreSetAside() throws {
        func run(_ epochs: Double) throws {
            let evaluator = try EmbeddingSimilarityEvaluator(pairs())
            try trainer(CosineLoss(), evaluator: evaluator) {
                ($0.numTrainEpochs, $0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (epochs, .steps, 1, 2)
                ($0.evalStrategy, $0.evalSteps) = (.steps, 1)
            }.train()
        }
        func rows(_ path: String) throws -> Int {
            try String(contentsOf: folder.file(path), encoding: .utf8).split(whereSeparator: \.isNewline).count - 1
        }
        try run(2)
        #expect(try folder.content("output") == ["checkpoint-10", "checkpoint-9", "eval"])
        try run(1)
        #expect(try folder.content("output") == ["checkpoint-4", "checkpoint-5", "earlier-1", "eval"])
        #expect(try folder.content("output/earlier-1") == ["checkpoint-10", "checkpoint-9", "eval"])
        #expect(try rows("output/eval/similarity_evaluation_results.csv") == 5)
        #expect(try rows("output/earlier-1/eval/similarity_evaluation_results.csv") == 10)
        try run(1)
        #expect(try folder.content("output").contains("earlier-2"))
    }

    @Test func aRunThatGoesOnFromItsLastCheckpointIsAtItsEnd() throws {
        try trainer(CosineLoss()) { $0.saveStrategy = .epoch }.train()
        let again = try trainer(CosineLoss())
        try again.resume(from: folder.file("output/checkpoint-5").path)
        let before = weights(again.model)
        try again.train()
        #expect(again.state.globalStep == 5 && weights(again.model) == before)
    }

    // MARK: The best

    @Test(arguments: [[0.3, .nan, 0.2, .infinity, 0.1], [.nan, 0.3, .nan, 0.2, -.infinity]], [true, false])
    func whatIsNotFiniteIsNeverBest(values: [Double], greaterIsBetter: Bool) throws {
        let trainer = try trainer(CosineLoss(), evaluator: ScriptedEvaluator("score", values)) {
            ($0.saveStrategy, $0.saveSteps, $0.evalStrategy, $0.evalSteps) = (.steps, 1, .steps, 1)
            ($0.loadBestModelAtEnd, $0.metricForBestModel, $0.greaterIsBetter) = (true, "score", greaterIsBetter)
        }
        try trainer.train()
        let finite = values.filter(\.isFinite)
        #expect(trainer.state.bestMetric == (greaterIsBetter ? finite.max() : finite.min()))
        let url = folder.file("output/checkpoint-5/trainer_state.json")
        let state = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
        let scores = try #require(state["log_history"] as? [[String: Any]]).compactMap { $0["eval_score"] }
        #expect(scores.filter { $0 is NSNull }.count == values.count - finite.count)
    }

    @Test(arguments: [(3.0, 2.0, "3 and 2"), (0.5, 2, "0.5 and 2"), (0.3, 0.2, "0.3 and 0.2")])
    func theBestStepHasToHaveACheckpoint(save: Double, eval: Double, words: String) throws {
        expectError(TrainingArgumentError.self, ["save_steps to be a multiple of eval_steps", words]) {
            _ = try trainer(CosineLoss(), evaluator: ScriptedEvaluator("loss", [])) {
                ($0.saveStrategy, $0.saveSteps, $0.evalStrategy, $0.evalSteps) = (.steps, save, .steps, eval)
                $0.loadBestModelAtEnd = true
            }
        }
    }

    @Test func sharesOfAllStepsMayBeMultiples() throws {
        var arguments = TrainingArguments()
        (arguments.saveStrategy, arguments.evalStrategy, arguments.loadBestModelAtEnd) = (.steps, .steps, true)
        (arguments.saveSteps, arguments.evalSteps) = (0.6, 0.2)
        try arguments.validate()
    }

    @Test(arguments: ["spearman", "dev_spearman", "loss"])
    func aMetricThatNoEvaluationGivesIsRefusedBefore(metric: String) throws {
        let evaluator = try SequentialEvaluator([EmbeddingSimilarityEvaluator(pairs(), name: "dev")])
        expectError(
            TrainingError.self, ["no metric eval_\(metric);", "eval_dev_pearson_cosine, eval_dev_spearman_cosine", "eval_sequential_score"]
        ) {
            _ = try trainer(CosineLoss(), evaluator: evaluator) { ($0.evalStrategy, $0.metricForBestModel) = (.epoch, metric) }
        }
        _ = try trainer(CosineLoss(), evaluator: evaluator) { ($0.evalStrategy, $0.metricForBestModel) = (.epoch, "dev_spearman_cosine") }
    }

    /// What evaluators say beforehand is what they give.
    @Test(arguments: [[], [SimilarityFunction.dot, .euclidean]])
    func evaluatorsKnowTheirMetrics(functions: [SimilarityFunction]) throws {
        let model = try model()
        var pairs = try EmbeddingSimilarityEvaluator(pairs(), name: "dev")
        pairs.similarityFunctions = functions
        let triplets = TripletEvaluator(anchors: ["a"], positives: ["a"], negatives: ["b"], similarityFunctions: functions)
        for evaluator in [pairs, triplets, SequentialEvaluator([pairs, triplets])] as [any Evaluator<SentenceTransformer>] {
            #expect(try evaluator.metricNames(for: model).map(Set.init) == Set(evaluator(model).metrics.map(\.key)))
        }
    }
}
