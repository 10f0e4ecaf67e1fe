import Foundation
import Tapestry
import Testing

/// When callbacks are told what, and what they may ask for.
struct CallbackTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Writes down each event with its step.
    private final class Diary: TrainerCallback {
        private(set) var events: [String] = []

        private func note(_ event: String, _ context: TrainerContext) {
            events.append("\(event) \(context.state.globalStep)")
        }

        func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) { note("trainBegin", context) }
        func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) { note("trainEnd", context) }
        func onEpochBegin(_ context: TrainerContext, _ control: inout TrainerControl) { note("epochBegin", context) }
        func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) { note("epochEnd", context) }
        func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl) { note("stepBegin", context) }
        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { note("stepEnd", context) }
        func onSave(_ context: TrainerContext, _ control: inout TrainerControl) { note("save", context) }
        func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
            note("log(\(logs[0].key))", context)
        }
        func onEvaluate(
            _ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]
        ) {
            note("evaluate(\(metrics[0].key))", context)
        }
    }

    private func events(_ configure: (inout TrainingArguments) -> Void) throws -> [String] {
        let diary = Diary()
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs().prefix(16), evalDataset: pairs().prefix(8),
            arguments: settings(folder, epochs: 2, configure), callbacks: [diary])
        try trainer.train()
        return diary.events
    }

    @Test func eventsOfEveryStepComeInTheFieldsOrder() throws {
        let found = try events {
            $0.loggingSteps = 2
            $0.evalStrategy = .steps
            $0.evalSteps = 2
            $0.saveStrategy = .steps
            $0.saveSteps = 3
        }
        #expect(
            found == [
                "trainBegin 0",
                "epochBegin 0", "stepBegin 0", "stepEnd 1", "stepBegin 1", "stepEnd 2", "log(loss) 2", "log(eval_loss) 2",
                "evaluate(eval_loss) 2", "epochEnd 2",
                "epochBegin 2", "stepBegin 2", "stepEnd 3", "save 3", "stepBegin 3", "stepEnd 4", "log(loss) 4",
                "log(eval_loss) 4", "evaluate(eval_loss) 4", "save 4", "epochEnd 4",
                "log(train_runtime) 4", "trainEnd 4",
            ])
    }

    @Test func eventsOfEveryEpochComeInTheFieldsOrder() throws {
        let found = try events {
            $0.loggingStrategy = .epoch
            $0.evalStrategy = .epoch
            $0.saveStrategy = .epoch
        }
        let epochs = [0, 2].flatMap { first in
            [
                "epochBegin \(first)", "stepBegin \(first)", "stepEnd \(first + 1)", "stepBegin \(first + 1)",
                "stepEnd \(first + 2)", "epochEnd \(first + 2)", "log(loss) \(first + 2)", "log(eval_loss) \(first + 2)",
                "evaluate(eval_loss) \(first + 2)", "save \(first + 2)",
            ]
        }
        #expect(found == ["trainBegin 0"] + epochs + ["log(train_runtime) 4", "trainEnd 4"])
    }

    /// Writes down the events within an update and an evaluation.
    private final class CloseDiary: TrainerCallback {
        private(set) var events: [String] = []
        func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("begin") }
        func onSubstepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("substep") }
        func onPreOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("before") }
        func onOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("after") }
        func onPredictionStep(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("prediction") }
        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { events.append("end") }
    }

    @Test func eventsWithinAnUpdateComeInTheFieldsOrder() throws {
        let (diary, removed) = (CloseDiary(), Diary())
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs().prefix(40), evalDataset: pairs().prefix(12),
            arguments: settings(folder) { ($0.gradientAccumulationSteps, $0.evalStrategy) = (3, .epoch) }, callbacks: [diary, removed])
        trainer.removeCallback(removed)
        try trainer.train()
        #expect(
            diary.events == [
                "begin", "substep", "substep", "before", "after", "end", "begin", "substep", "before", "after", "end", "prediction",
                "prediction",
            ])
        #expect(removed.events.isEmpty && trainer.popCallback(CloseDiary.self) === diary && trainer.popCallback(CloseDiary.self) == nil)
    }

    /// Asks for something after a step.
    private final class Request: TrainerCallback {
        private let ask: (Int, inout TrainerControl) -> Void

        init(_ ask: @escaping (Int, inout TrainerControl) -> Void) { self.ask = ask }

        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
            ask(context.state.globalStep, &control)
        }
    }

    private func run(epochs: Double = 2, _ callbacks: [any TrainerCallback]) throws -> Trainer<SentenceTransformer> {
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), evalDataset: pairs().prefix(8),
            arguments: settings(folder, epochs: epochs))
        for callback in callbacks { trainer.addCallback(callback) }
        try trainer.train()
        return trainer
    }

    @Test func aCallbackMayStopTraining() throws {
        let trainer = try run([Request { step, control in if step == 3 { control.shouldTrainingStop = true } }])
        #expect(trainer.state.globalStep == 3)
        #expect(trainer.state.maxSteps == 10)
        #expect(trainer.state.wasInterrupted)
        #expect(trainer.state.epoch == 0.6)
    }

    @Test func aCallbackMayStopAnEpoch() throws {
        let diary = Diary()
        let request = Request { step, control in if step == 2 { control.shouldEpochStop = true } }
        let trainer = try run([request, diary])
        #expect(
            diary.events.filter { $0.hasPrefix("epoch") }
                == ["epochBegin 0", "epochEnd 2", "epochBegin 2", "epochEnd 7"])
        // The second epoch is whole; the steps that were left out are not made up for.
        #expect(trainer.state.globalStep == 7)
        #expect(!trainer.state.wasInterrupted)
    }

    @Test func aCallbackMayAskForLogEvaluationAndSave() throws {
        let diary = Diary()
        let request = Request { step, control in
            guard step == 2 else { return }
            control.shouldLog = true
            control.shouldEvaluate = true
            control.shouldSave = true
        }
        _ = try run(epochs: 1, [request, diary])
        let asked = diary.events.filter { event in ["log(loss)", "evaluate", "save"].contains { event.hasPrefix($0) } }
        #expect(asked == ["log(loss) 2", "evaluate(eval_loss) 2", "save 2"])
        #expect(try folder.content("output") == ["checkpoint-2"])
    }

    @Test func callbacksSeeTheProgress() throws {
        final class Watcher: TrainerCallback {
            var rows: [Int] = []
            var total = 0
            var rates: [Double] = []
            func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) {
                #expect(context.lastLoss.isNaN && context.lastLearningRate.isNaN && context.rowsSeen == 0)
                total = context.rowsInTotal
            }
            func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
                rows.append(context.rowsSeen)
                rates.append(context.lastLearningRate)
            }
        }
        let watcher = Watcher()
        _ = try run([watcher])
        #expect(watcher.rows == (1...10).map { 8 * $0 })
        #expect(watcher.total == 80)
        #expect(watcher.rates.first == 1e-3)
    }
}
