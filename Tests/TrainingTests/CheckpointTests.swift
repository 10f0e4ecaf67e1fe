import Foundation
import Tapestry
import Testing

/// Which checkpoints are written and kept, and what they hold.
struct CheckpointTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trained(
        _ evaluator: (any Evaluator<SentenceTransformer>)? = nil, epochs: Double = 1, _ callbacks: [any TrainerCallback] = [],
        _ configure: (inout TrainingArguments) -> Void
    ) throws -> Trainer<SentenceTransformer> {
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: evaluator,
            arguments: settings(folder, epochs: epochs, configure), callbacks: callbacks)
        try trainer.train()
        return trainer
    }

    private func checkpoints() throws -> [String] {
        guard FileManager.default.fileExists(atPath: folder.file("output").path) else { return [] }
        return try folder.content("output").filter { $0 != "eval" }
    }

    // MARK: When

    @Test func checkpointsComeEverySoManySteps() throws {
        _ = try trained { ($0.saveStrategy, $0.saveSteps) = (.steps, 2) }
        // The last step is saved too.
        #expect(try checkpoints() == ["checkpoint-2", "checkpoint-4", "checkpoint-5"])
    }

    @Test func checkpointsComeAtTheEndOfEpochs() throws {
        _ = try trained(epochs: 2) { $0.saveStrategy = .epoch }
        #expect(try checkpoints() == ["checkpoint-10", "checkpoint-5"])
    }

    @Test func noCheckpointsComeWithoutAStrategy() throws {
        _ = try trained { $0.saveStrategy = .no }
        #expect(try checkpoints().isEmpty)
    }

    // MARK: Rotation

    @Test(arguments: [
        (1, ["checkpoint-5"]), (2, ["checkpoint-4", "checkpoint-5"]),
        (0, (1...5).map { "checkpoint-\($0)" }), (9, (1...5).map { "checkpoint-\($0)" }),
    ])
    func onlyTheNewestAreKept(limit: Int, expected: [String]) throws {
        _ = try trained { ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (.steps, 1, limit) }
        #expect(try checkpoints() == expected)
    }

    @Test(arguments: [
        (1, ["checkpoint-2", "checkpoint-5"]), (2, ["checkpoint-2", "checkpoint-5"]),
        (3, ["checkpoint-2", "checkpoint-4", "checkpoint-5"]),
    ])
    func theBestIsKeptToo(limit: Int, expected: [String]) throws {
        _ = try trained(ScriptedEvaluator("score", [0.3, 0.8, 0.5, 0.7, 0.6])) {
            ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (.steps, 1, limit)
            ($0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.steps, 1, "score")
        }
        #expect(try checkpoints() == expected)
    }

    // MARK: The best model

    @Test(
        arguments: [
            ("eval_score", nil, [0.3, 0.8, 0.5, 0.8, 0.6], 2), ("score", nil, [0.9, 0.8, 0.5, 0.7, 0.6], 1),
            (nil, nil, [0.3, 0.8, 0.1, 0.7, 0.6], 3), ("eval_loss", nil, [0.3, 0.8, 0.5, 0.7, 0.2], 5),
            ("score", false, [0.3, 0.8, 0.5, 0.2, 0.6], 4),
        ] as [(String?, Bool?, [Double], Int)])
    func theBestModelIsThereAtTheEnd(metric: String?, greater: Bool?, values: [Double], best: Int) throws {
        let recorder = StepRecorder()
        let name = metric?.hasSuffix("score") == true ? "score" : "loss"
        let trainer = try trained(ScriptedEvaluator(name, values), [recorder]) {
            ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (.steps, 1, 2)
            ($0.evalStrategy, $0.evalSteps) = (.steps, 1)
            $0.loadBestModelAtEnd = true
            ($0.metricForBestModel, $0.greaterIsBetter) = (metric, greater)
            ($0.lrSchedulerType, $0.learningRate) = (.constant, 1e-2)
        }
        #expect(trainer.state.bestGlobalStep == best)
        #expect(trainer.state.bestMetric == values[best - 1])
        let path = folder.file("output/checkpoint-\(best)").path
        #expect(trainer.state.bestModelCheckpoint == path)
        #expect(weights(trainer.model) == recorder.weightsAfterStep[best])
        #expect(best == 5 || weights(trainer.model) != recorder.weightsAfterStep[5])
        // Training can go on with it: the weights in memory are not the file's.
        trainer.model.parameters[0].update { $0 = $0 * 2 }
        #expect(try weights(SentenceTransformer(path)) == recorder.weightsAfterStep[best])
    }

    @Test func withoutAskingTheLastModelStays() throws {
        let recorder = StepRecorder()
        let trainer = try trained(ScriptedEvaluator("score", [0.9, 0.8, 0.5, 0.7, 0.6]), [recorder]) {
            ($0.saveStrategy, $0.saveSteps) = (.steps, 1)
            ($0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.steps, 1, "score")
        }
        #expect(trainer.state.bestGlobalStep == 1)
        #expect(weights(trainer.model) == recorder.weightsAfterStep[5])
    }

    @Test func aMetricThatThereIsNotIsNamedWithThoseThatThereAre() throws {
        expectError(TrainingError.self, ["metric_for_best_model", "eval_spearman", "eval_score"]) {
            _ = try trained(ScriptedEvaluator("score", [0.5])) {
                ($0.evalStrategy, $0.metricForBestModel) = (.epoch, "spearman")
            }
        }
    }

    // MARK: Content

    @Test func aCheckpointIsAModel() throws {
        let recorder = StepRecorder()
        let trainer = try trained(nil, [recorder]) { ($0.saveStrategy, $0.saveSteps) = (.steps, 2) }
        for step in [2, 4, 5] {
            let saved = try SentenceTransformer(folder.file("output/checkpoint-\(step)").path)
            #expect(weights(saved) == recorder.weightsAfterStep[step])
        }
        let texts = try Array(pairs().columns[0].texts)
        let last = try SentenceTransformer(folder.file("output/checkpoint-5").path)
        #expect(last.encode(texts) == trainer.model.encode(texts))
    }

    @Test func theStateIsWrittenAsTheFieldDoes() throws {
        _ = try trained(ScriptedEvaluator("score", [0.5, .nan])) {
            ($0.saveStrategy, $0.saveSteps, $0.loggingSteps) = (.steps, 3, 1)
            ($0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.steps, 3, "score")
        }
        let url = folder.file("output/checkpoint-5/trainer_state.json")
        let state = try JSONFile.readObject(url)
        #expect(
            state.keys == [
                "best_global_step", "best_metric", "best_model_checkpoint", "epoch", "eval_steps", "global_step",
                "is_hyper_param_search", "is_local_process_zero", "is_world_process_zero", "log_history", "logging_steps",
                "max_steps", "num_input_tokens_seen", "num_train_epochs", "save_steps", "stateful_callbacks", "total_flos",
                "train_batch_size", "trial_name", "trial_params",
            ])
        #expect(state["global_step"] == .integer(5))
        #expect(state["max_steps"] == .integer(5))
        #expect(state["epoch"] == .real(1))
        #expect(state["num_train_epochs"] == .integer(1))
        #expect(state["train_batch_size"] == .integer(8))
        #expect(state["logging_steps"] == .integer(1))
        #expect(state["eval_steps"] == .integer(3))
        #expect(state["save_steps"] == .integer(3))
        #expect(state["best_global_step"] == .integer(3))
        #expect(state["best_metric"] == .real(0.5))
        #expect(state["best_model_checkpoint"] == .string(folder.file("output/checkpoint-3").path))
        #expect(state["trial_name"] == .null)
        guard case .array(let history)? = state["log_history"] else { throw TrainingArgumentError("no log") }
        let entries = history.compactMap { if case .object(let entry) = $0 { entry } else { nil } }
        #expect(entries.map { $0["step"] } == [1, 2, 3, 3, 4, 5, 5].map { .integer($0) })
        #expect(entries[0].keys == ["epoch", "grad_norm", "learning_rate", "loss", "step"])
        // JSON has no NaN, and a text in the place of a number breaks readers.
        #expect(entries[6]["eval_score"] == .null)
        let text = try String(contentsOf: url, encoding: .utf8)
        #expect(text.hasPrefix("{\n  \"best_global_step\": 3,\n") && text.hasSuffix("\n}\n"))
    }

    @Test func theArgumentsAreWrittenBeside() throws {
        let trainer = try trained { ($0.saveStrategy, $0.seed) = (.epoch, 9) }
        let values = try JSONFile.readObject(folder.file("output/checkpoint-5/training_args.json"))
        #expect(Set(values.keys) == Set(TrainingArguments.keys))
        for (key, value) in trainer.arguments.keysAndValues { #expect(values[key] == .string(value)) }
        #expect(values["seed"] == .string("9"))
    }
}
