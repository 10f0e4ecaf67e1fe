import Foundation
import Synchronization
import Tapestry
import Testing

/// What one step does of what the arguments and the objective say.
struct StepTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// y = w · x + b; b belongs to the objective.
    private struct Squares: OnePassObjective {
        enum Learner { case model, own }

        var learner = Learner.model
        let b = Parameter(Tensor([[0]], dtype: .float64))
        var parameters: [NamedParameter] { [NamedParameter(name: "b", parameter: b)] }

        func loss(_ model: Line, _ batch: (x: Tensor, y: Tensor), in context: Context) -> LossValue {
            let slope = batch.x * model.w.value
            let guess = learner == .model ? slope : slope.detached() + b.value
            return LossValue((guess - batch.y).square().mean())
        }
    }

    private static func table(_ rows: Int, factor: Double = 1) throws -> Dataset {
        try Dataset(["x": (0..<rows).map { factor * Double($0 % 5 + 1) / 4 }], labels: (0..<rows).map { Double(($0 + 3) % 7) / 3 })
    }

    private func arguments(_ configure: (inout TrainingArguments) -> Void) -> TrainingArguments {
        settings(folder) {
            ($0.optim, $0.learningRate, $0.maxGradNorm, $0.perDeviceTrainBatchSize, $0.lrSchedulerType) = (.sgd, 0.1, 0, 2, .constant)
            configure(&$0)
        }
    }

    @Test(arguments: [0, 0.01, 100]) func gradientsAreClippedToTheNormOfTheArguments(_ norm: Double) throws {
        let table = try Self.table(2)
        let trainer = try Trainer(
            Line(), objective: Squares(), dataset: table, arguments: arguments { ($0.maxGradNorm, $0.maxSteps) = (norm, 1) })
        try trainer.train()
        let (x, y) = (table.columns[0].values, table.labels!.values)
        let slope = zip(x, y).reduce(0) { $0 + 2 * $1.0 * (0.5 * $1.0 - $1.1) } / 2
        let clipped = norm == 0 ? slope : slope * min(1, norm / (abs(slope) + 1e-6))
        #expect(abs(slope) > 0.1)
        #expect(abs(trainer.model.w.value.item - (0.5 - 0.1 * clipped)) < 1e-12)
    }

    @Test func itIsEnoughThatTheObjectiveLearns() throws {
        let objective = Squares(learner: .own)
        let trainer = try Trainer(Line(), objective: objective, dataset: Self.table(8), arguments: arguments { $0.maxSteps = 4 })
        try trainer.train()
        #expect(trainer.model.w.value.item == 0.5 && objective.b.value.item != 0 && trainer.warnings.isEmpty)
    }

    @Test func anUnusedParameterOfTheObjectiveHasAGradientOfZero() throws {
        let (objective, model) = (Squares(), Line())
        let batch = try model.batch(Self.table(4), rows: [0, 1])
        let result = try objective.valueAndGradients(model, batch, key: RandomKey(1), detectingAnomalies: false)
        #expect(result.gradients[objective.b]?.tensor.values == [0] && result.gradients[model.w]?.tensor.values[0] != 0)
    }

    private final class Count: Evaluator, Sendable {
        let name = ""
        private let calls = Mutex(0)
        var value: Int { calls.withLock { $0 } }
        func callAsFunction(_ model: Line, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult {
            calls.withLock { $0 += 1 }
            return EvaluationResult(metrics: [("score", 1)], primaryMetric: "score")
        }
    }

    /// Asks for an evaluation after each step and after each epoch.
    private final class Asking: TrainerCallback {
        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { control.shouldEvaluate = true }
        func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) { control.shouldEvaluate = true }
    }

    @Test func aStepIsEvaluatedOnce() throws {
        let count = Count()
        let trainer = try Trainer(
            Line(), objective: Squares(), dataset: Self.table(8), evaluator: count, arguments: arguments { $0.numTrainEpochs = 2 },
            callbacks: [Asking()])
        try trainer.train()
        #expect(trainer.state.globalStep == 8 && count.value == 8)
    }

    @Test func theSeedOfTheDataOrdersSeveralDatasets() throws {
        func weight(seed: UInt64, dataSeed: UInt64?) throws -> Double {
            let trainer = try Trainer(
                Line(),
                tasks: [
                    TrainingTask(Self.table(12), name: "one", objective: Squares()),
                    TrainingTask(Self.table(12, factor: -1), name: "other", objective: Squares()),
                ], arguments: arguments { ($0.seed, $0.dataSeed, $0.multiDatasetBatchSampler) = (seed, dataSeed, .proportional) })
            try trainer.train()
            return trainer.model.w.value.item
        }
        let first = try weight(seed: 1, dataSeed: 5)
        #expect(try weight(seed: 2, dataSeed: 5) == first)
        #expect(try weight(seed: 1, dataSeed: 6) != first)
        #expect(try weight(seed: 5, dataSeed: nil) == first)
    }
}
