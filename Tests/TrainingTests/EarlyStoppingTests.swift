import Foundation
import Tapestry
import Testing

/// A run ends where its metric does not become better any more, as the original's does.
struct EarlyStoppingTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trainer(
        _ values: [Double], patience: Int, threshold: Double = 0, _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: ScriptedEvaluator("score", values),
            arguments: settings(folder) {
                ($0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.steps, 1, "score")
                configure(&$0)
            }, callbacks: [EarlyStoppingCallback(patience: patience, threshold: threshold)])
    }

    @Test(
        arguments: [
            ([0.3, 0.2, 0.4, 0.5, 0.6], 1, 0, nil, 2), ([0.3, 0.2, 0.4, 0.3, 0.3], 2, 0, nil, 5),
            ([0.3, 0.3, 0.3, 0.3, 0.3], 3, 0, nil, 4), ([0.3, 0.4, 0.5, 0.6, 0.7], 1, 0, nil, 5),
            // As much better as the threshold is not enough; the best is noted all the same.
            ([0.25, 0.5, 0.75, 1, 1.25], 2, 0.25, nil, 3), ([0.25, 0.625, 0.75, 0.875, 2], 2, 0.25, nil, 4),
            ([0.5, 0.4, 0.3, 0.35, 0.2], 1, 0, false, 4), ([0.5, .nan, 0.6, .nan, .nan], 2, 0, nil, 5),
        ] as [([Double], Int, Double, Bool?, Int)])
    func patienceIsCountedInEvaluations(values: [Double], patience: Int, threshold: Double, isGreaterBetter: Bool?, last: Int) throws {
        let trainer = try trainer(values, patience: patience, threshold: threshold) { $0.greaterIsBetter = isGreaterBetter }
        try trainer.train()
        #expect(trainer.state.globalStep == last && trainer.state.wasInterrupted == (last < 5))
    }

    @Test func argumentsAskForIt() throws {
        let trainer = try Trainer(
            model(), loss: CosineSimilarityLoss(), dataset: pairs(), evaluator: ScriptedEvaluator("score", [0.5, 0.4, 0.3, 0.2, 0.1]),
            arguments: settings(folder) {
                ($0.evalStrategy, $0.evalSteps, $0.metricForBestModel) = (.steps, 1, "score")
                $0.earlyStoppingPatience = 2
            })
        try trainer.train()
        #expect(trainer.state.globalStep == 3)
    }

    @Test func theCountGoesOnWithTheRun() throws {
        let values = [0.5, 0.4, 0.3, 0.2, 0.1]
        func saved(_ arguments: inout TrainingArguments) { (arguments.saveStrategy, arguments.saveSteps) = (.steps, 1) }
        try trainer(values, patience: 3, saved).train()
        let state = try JSONFile.readObject(folder.file("output/checkpoint-3/trainer_state.json"))
        guard case .object(let callbacks)? = state["stateful_callbacks"] else { throw TrainingArgumentError("no callbacks") }
        #expect(
            callbacks["EarlyStoppingCallback"] == [
                "args": ["early_stopping_patience": 3, "early_stopping_threshold": .real(0)],
                "attributes": ["early_stopping_patience_counter": 2],
            ])
        guard case .object(let control)? = callbacks["TrainerControl"] else { throw TrainingArgumentError("no control") }
        #expect(
            control["args"] == [
                "should_epoch_stop": false, "should_evaluate": false, "should_log": false, "should_save": true,
                "should_training_stop": false,
            ])
        let rest = try trainer(Array(values.dropFirst(3)), patience: 3, saved)
        try rest.resume(from: folder.file("output/checkpoint-3").path)
        try rest.train()
        #expect(rest.state.globalStep == 4)
    }

    @Test func whatCannotStopARunIsRefused() throws {
        for (words, configure) in [
            (["eval_strategy"], { $0.evalStrategy = .no }), (["metric_for_best_model"], { $0.metricForBestModel = nil }),
        ] as [([String], (inout TrainingArguments) -> Void)] {
            expectError(TrainingArgumentError.self, words) { try trainer([0.1], patience: 1, configure).train() }
        }
        expectError(TrainingArgumentError.self, ["early_stopping_patience", "0"]) { _ = try EarlyStoppingCallback(patience: 0) }
        expectError(TrainingArgumentError.self, ["early_stopping_threshold"]) { _ = try EarlyStoppingCallback(threshold: -1) }
    }
}
