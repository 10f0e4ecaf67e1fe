import Foundation
import Synchronization
import Tapestry
import Testing

/// What training arguments do to a run.
struct ArgumentEffectTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trained(
        _ model: SentenceTransformer, _ dataset: Dataset? = nil, name: String = "", _ configure: (inout TrainingArguments) -> Void
    ) throws -> Trainer<SentenceTransformer> {
        let task = try TrainingTask(dataset ?? pairs().prefix(24), name: name, loss: CosineSimilarityLoss())
        let trainer = try Trainer(model, tasks: [task], arguments: settings(folder, configure))
        try trainer.train()
        return trainer
    }

    private static func plainModel() throws -> SentenceTransformer { try model() }

    // MARK: The encoder

    @Test func recomputedLayersTrainAsKeptOnes() throws {
        let (kept, recomputed) = (try model(dropout: true), try model(dropout: true))
        _ = try trained(kept) { $0.loggingSteps = 1 }
        CachingAllocator.resetHighWaterMark()
        _ = try trained(recomputed) { ($0.loggingSteps, $0.gradientCheckpointing) = (1, true) }
        #expect(weights(kept) == weights(recomputed))
        #expect(weights(kept) != weights(try model(dropout: true)))
    }

    /// Second derivatives go through the part itself.
    @Test func recomputedPartsHaveSecondDerivatives() {
        let layer = Linear(inputWidth: 3, outputWidth: 3, key: RandomKey(1))
        let parameters = layer.namedParameters
        for order in [1, 2] {
            let report = gradientCheck(of: parameters, order: order, tolerance: 1e-5) {
                let x = Tensor.normal([4, 3], dtype: parameters[0].parameter.value.dtype, key: RandomKey(2))
                return recomputing(x, parameters: layer.parameters, in: .inference) { x, context in layer(x, in: context).tanh() }.square()
                    .sum()
            }
            #expect(report.passed, "\(report)")
        }
    }

    @Test func noiseComesToTheEmbeddingsInTrainingAlone() throws {
        let (plain, noisy, again) = (try model(), try model(), try model())
        let trainer = try trained(noisy) { $0.neftuneNoiseAlpha = 5 }
        _ = try trained(again) { $0.neftuneNoiseAlpha = 5 }
        _ = try trained(plain) { _ in }
        #expect(weights(noisy) == weights(again) && weights(noisy) != weights(plain))
        #expect(trainer.model.encode(["A cat."]) == noisy.encode(["A cat."]))
        // α / √(tokens · width), uniform: of the embeddings' order, not more.
        let withNoise = try #require(plain.training(EncoderTraining(embeddingNoise: 5)))
        let batch = plain.tokenize(columns: [["A cat sits.", "A dog."]])
        func embeddings(_ model: SentenceTransformer, _ context: Context) -> Tensor { model.layerEmbeddings(batch, in: context)[0] }
        #expect(embeddings(withNoise, .training(key: RandomKey(1))) != embeddings(plain, .training(key: RandomKey(1))))
        #expect(embeddings(withNoise, .inference) == embeddings(plain, .inference))
    }

    // MARK: Prompts

    private func prefixed(_ dataset: Dataset, _ prompts: [String]) throws -> Dataset {
        try Dataset(
            columns: zip(dataset.columns, prompts).map { column, prompt in
                Dataset.Column(name: column.name, texts: column.texts.map { prompt + $0 })
            }, labels: dataset.labels)
    }

    @Test(
        arguments: [
            ("query: ", ["query: ", "query: "]), (["sentence2": "passage: "], ["", "passage: "]),
            (["sts": "query: ", "other": "x"], ["query: ", "query: "]),
            (["sts": ["sentence1": "a: ", "sentence2": "b: "]], ["a: ", "b: "]),
        ] as [(ColumnTexts, [String])])
    func promptsArePutBeforeTexts(_ prompts: ColumnTexts, _ expected: [String]) throws {
        let dataset = try pairs().prefix(16)
        try #require(dataset.columnNames == ["sentence1", "sentence2"])
        let (asked, given) = (try model(), try model())
        _ = try trained(asked, dataset, name: "sts") { $0.prompts = prompts }
        _ = try trained(given, prefixed(dataset, expected), name: "sts") { _ in }
        #expect(weights(asked) == weights(given))
    }

    @Test func promptsThatFitNothingAreNamed() throws {
        let cases: [(ColumnTexts, String)] = [
            (["sentence3": "x"], "sentence3"), (["nq": ["sentence1": "x"]], "told by dataset (nq)"),
            (["sts": ["sentense1": "x"]], "sentense1"),
        ]
        for (prompts, word) in cases {
            expectError(TrainingArgumentError.self, ["prompts", word]) {
                _ = try trained(try model(), name: "sts") { $0.prompts = prompts }
            }
        }
        expectError(TrainingArgumentError.self, ["router_mapping"]) { _ = try trained(try model()) { $0.routerMapping = "query" } }
    }

    // MARK: Optimizer and schedule

    @Test func learningRatesAreMappedByNames() throws {
        let (start, model) = (try model(), try model())
        let trainer = try trained(model) {
            $0.learningRateMapping = ["embeddings": 0, "word_embeddings\\.weight$": 1e-3, "^model\\.0\\.model\\.encoder\\.layer\\.1": 0]
        }
        for (a, b) in zip(start.namedParameters, model.namedParameters) {
            let isStill = a.name.contains("embeddings.") && !a.name.contains("word_embeddings") || a.name.contains("encoder.layer.1.")
            #expect((a.parameter.value == b.parameter.value) == isStill, "\(a.name)")
        }
        #expect(trainer.state.globalStep == 3)
        expectError(TrainingArgumentError.self, ["learning_rate_mapping", "wrod", "in the name of no parameter"]) {
            _ = try trained(try Self.plainModel()) { $0.learningRateMapping = ["wrod": 1] }
        }
        expectError(TrainingArgumentError.self, ["learning_rate_mapping", "no regular expression"]) {
            _ = try trained(try Self.plainModel()) { $0.learningRateMapping = ["(": 1] }
        }
    }

    @Test func anOptimizerHasToFitTheModel() throws {
        let (model, other) = (try model(), try model())
        let few = Optimizer(AdamW(), parameters: Array(model.namedParameters.dropFirst()))
        let strange = Optimizer(AdamW(), parameters: model.namedParameters + other.namedParameters.named(under: "other").prefix(1))
        let dataset = try pairs()
        func make(_ optimizer: Optimizer) throws {
            _ = try Trainer(model, loss: CosineSimilarityLoss(), dataset: dataset, arguments: settings(folder), optimizer: optimizer)
        }
        expectError(TrainingError.self, ["the model's parameter", model.namedParameters[0].name]) { try make(few) }
        expectError(TrainingError.self, ["other.0.model.embeddings", "neither the model"]) { try make(strange) }
        model.namedParameters[0].parameter.isTrainable = false
        try make(few)
    }

    @Test(arguments: ["reduce_lr_on_plateau", "greedy"]) func evaluationsMoveTheLearningRate(_ name: String) throws {
        func run(_ evaluator: ScriptedEvaluator, until stop: Int? = nil, from checkpoint: String? = nil) throws -> Trainer<
            SentenceTransformer
        > {
            let trainer = try Trainer(
                model(), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: evaluator,
                arguments: settings(folder, epochs: 2) {
                    ($0.lrSchedulerType, $0.metricForBestModel) = (SchedulerType(rawValue: name)!, "score")
                    $0.lrSchedulerKwargs = ["mode": "max", "patience": 0, "factor": 0.5, "min_lr": 0]
                    ($0.evalStrategy, $0.evalSteps, $0.loggingSteps) = (.steps, 1, 1)
                    ($0.saveStrategy, $0.saveSteps) = (.steps, 1)
                }, callbacks: stop.map { [StopAfter($0)] } ?? [])
            if let checkpoint { try trainer.resume(from: checkpoint) }
            try trainer.train()
            return trainer
        }
        let scores = [0.5, 0.4, 0.6, 0.5, 0.5, 0.7, 0.1, 0.2, 0.3, 0.4]
        let whole = try run(ScriptedEvaluator("score", scores))
        let rates = whole.state.curve("learning_rate").map(\.value)
        let isGreedy = name == "greedy"
        var (expected, best) = ([1e-3], -Double.infinity)
        for score in scores.dropLast() {
            let isBetter = score > best * 1.0001
            best = max(best, score)
            expected.append(isBetter ? (isGreedy ? expected.last! * 2 : expected.last!) : expected.last! / 2)
        }
        #expect(rates == expected)
        // The schedule's memory is part of a checkpoint.
        let saved = folder.file("output/checkpoint-4").path
        try FileManager.default.moveItem(atPath: saved, toPath: folder.file("four").path)
        let rest = try run(ScriptedEvaluator("score", Array(scores.dropFirst(4))), from: folder.file("four").path)
        #expect(rest.state.curve("learning_rate").map(\.value) == expected)
        #expect(weights(rest.model) == weights(whole.model))
    }

    /// Evaluated and saved are the mean weights; a resumed run goes on as one that never stopped.
    @Test(arguments: ["schedule_free_adamw", "schedule_free_sgd", "adafactor", "lion_32bit"]) func everyOptimizerResumes(_ name: String)
        throws
    {
        func run(_ output: String, from checkpoint: String? = nil) throws -> SentenceTransformer {
            let model = try model(dropout: true)
            let trainer = try Trainer(
                model, loss: CosineSimilarityLoss(), dataset: pairs(),
                arguments: settings(folder) {
                    $0.outputDir = folder.file(output).path
                    ($0.optim, $0.lrSchedulerType, $0.warmupSteps) = (OptimizerType(rawValue: name)!, .constant, 2)
                    ($0.saveStrategy, $0.saveSteps) = (.steps, 2)
                })
            if let checkpoint { try trainer.resume(from: checkpoint) }
            try trainer.train()
            return model
        }
        let whole = try run("whole")
        let rest = try run("rest", from: folder.file("whole/checkpoint-2").path)
        #expect(weights(whole) == weights(rest))
        #expect(try weights(whole) != weights(model(dropout: true)))
        // The last checkpoint holds what the model is after training; a mean of weights is taken twice, and rounded.
        for (saved, value) in zip(weights(try SentenceTransformer(folder.file("whole/checkpoint-5").path)), weights(whole)) {
            #expect(saved.maximumDifference(to: value) < (name.hasPrefix("schedule_free") ? 1e-6 : 1e-30))
        }
    }

    // MARK: Evaluation and saving

    @Test func theBestIsSavedWheneverItComes() throws {
        let evaluator = ScriptedEvaluator("score", [0.5, 0.4, 0.6, 0.6, 0.7])
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: evaluator,
            arguments: settings(folder) {
                ($0.saveStrategy, $0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.best, .steps, 1, "score")
                $0.loadBestModelAtEnd = true
            })
        try trainer.train()
        #expect(try folder.content("output").filter { $0.hasPrefix("checkpoint") } == ["checkpoint-1", "checkpoint-3", "checkpoint-5"])
        #expect(trainer.state.bestGlobalStep == 5)
    }

    private static func warn(_ level: LogLevel) throws {
        let folder = try TemporaryFolder()
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs().prefix(4),
            arguments: settings(folder) { ($0.logLevel, $0.labelSmoothingFactor) = (level, 0.1) })
        try trainer.train()
        precondition(trainer.warnings.contains { $0.contains("label_smoothing_factor") })
    }

    @Test func warningsCanBeKeptBack() async throws {
        let told = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) { try ArgumentEffectTests.warn(.passive) }
        let kept = await #expect(processExitsWith: .success, observing: [\.standardErrorContent]) { try ArgumentEffectTests.warn(.error) }
        let (loud, quiet) = (
            String(decoding: told?.standardErrorContent ?? [], as: UTF8.self),
            String(decoding: kept?.standardErrorContent ?? [], as: UTF8.self)
        )
        #expect(loud.contains("Warning:") && !quiet.contains("Warning:"))
    }

    // MARK: Memory

    private static func shrinkBatches() throws {
        let (folder, dataset) = (try TemporaryFolder(), try pairs())
        func found(_ gigabytes: Double?) throws -> Trainer<SentenceTransformer> {
            try Trainer(
                model(), loss: CosineSimilarityLoss(), dataset: dataset,
                arguments: settings(folder) {
                    ($0.perDeviceTrainBatchSize, $0.autoFindBatchSize, $0.maxMemory) = (32, true, gigabytes)
                })
        }
        let all = try found(1000)
        precondition(all.arguments.perDeviceTrainBatchSize == 32 && all.warnings.isEmpty)
        do {
            _ = try found(0.001)
            preconditionFailure("a megabyte was enough")
        } catch let error as TrainingArgumentError {
            precondition("\(error)".contains("auto_find_batch_size: not even"))
        }
        // Between what the process has and what all rows take there is a size that is smaller.
        var (low, high, sizes) = (0.001, 1000.0, Set<Int>())
        for _ in 0..<30 {
            let middle = (low * high).squareRoot()
            if let trainer = try? found(middle) {
                (high, sizes) = (middle, sizes.union([trainer.arguments.perDeviceTrainBatchSize]))
            } else {
                low = middle
            }
        }
        precondition(sizes.min()! < 32)
        let trainer = try found(high * 1.02)
        let isTold = trainer.warnings.contains { $0.contains("auto_find_batch_size") }
        precondition(isTold == (trainer.arguments.perDeviceTrainBatchSize < 32))
    }

    /// In a process of its own, whose memory no other test changes meanwhile.
    @Test func theBatchShrinksUntilItFits() async {
        await #expect(processExitsWith: .success) { try ArgumentEffectTests.shrinkBatches() }
    }

    // MARK: Order

    private struct InOrder: BatchSamplerFactory {
        struct Sampler: BatchSampler {
            let count, size: Int
            var batchCount: Int { count / size }
            func batches(epoch: Int) -> [[Int]] { (0..<batchCount).map { Array($0 * size..<($0 + 1) * size) } }
        }
        func sampler(for dataset: Dataset, batchSize: Int, dropLast: Bool, seed: UInt64) throws -> any BatchSampler {
            Sampler(count: dataset.rowCount, size: batchSize)
        }
    }

    @Test func samplersOfOnesOwnDealTheRows() throws {
        let (own, seen) = (try model(), try model())
        let dataset = try pairs().prefix(24)
        let task = try TrainingTask(dataset, loss: CosineSimilarityLoss(), sampler: InOrder())
        try Trainer(own, tasks: [task], arguments: settings(folder)).train()
        _ = try trained(seen, dataset) { _ in }
        #expect(weights(own) != weights(seen))
    }
}

/// Asks training to stop after a step.
private final class StopAfter: TrainerCallback {
    private let step: Int

    init(_ step: Int) { self.step = step }
    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        if context.state.globalStep == step { control.shouldTrainingStop = true }
    }
}
