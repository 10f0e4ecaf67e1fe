import Foundation
import Synchronization
import Tapestry
import Testing

/// What does not come out even: last groups of accumulated batches, shares of steps, numbers of different lengths; and the keys by which
/// parts of a step draw.
struct RemainderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private final class Draws: Sendable {
        private let seen = Mutex<[RandomKey]>([])
        var keys: [RandomKey] { seen.withLock { $0 } }
        func note(_ key: RandomKey) { seen.withLock { $0.append(key) } }
    }

    /// Keeps the keys that it is given.
    private struct Squares: OnePassObjective {
        var draws = Draws()
        func loss(_ model: Line, _ batch: (x: Tensor, y: Tensor), in context: Context) -> LossValue {
            if context.mode == .training { draws.note(context.key) }
            return LossValue((batch.x * model.w.value - batch.y).square().mean())
        }
    }

    private static func table(_ rows: Int) throws -> Dataset {
        try Dataset(["x": (0..<rows).map { Double($0 % 5) / 4 }], labels: (0..<rows).map { Double($0 % 7) / 3 })
    }

    private func trainer(
        _ rows: Int, objective: Squares = Squares(), evalDataset: Dataset? = nil, evaluator: (any Evaluator<Line>)? = nil,
        callbacks: [any TrainerCallback] = [], _ configure: (inout TrainingArguments) -> Void
    ) throws -> Trainer<Line> {
        try Trainer(
            Line(), objective: objective, dataset: Self.table(rows), evalDataset: evalDataset, evaluator: evaluator,
            arguments: settings(folder) {
                ($0.optim, $0.learningRate, $0.maxGradNorm, $0.perDeviceTrainBatchSize, $0.lrSchedulerType) = (.sgd, 0.1, 0, 2, .constant)
                configure(&$0)
            }, callbacks: callbacks)
    }

    /// By hand: the mean of the gradients of as many batches as a group has, also where it is the last one and short.
    @Test(arguments: [(10, 3, false), (11, 2, false), (9, 4, true), (7, 8, false), (12, 3, false)])
    func everyGroupIsDividedByItsBatches(rows: Int, accumulated: Int, dropLast: Bool) throws {
        let table = try Self.table(rows)
        let trainer = try trainer(rows) {
            ($0.gradientAccumulationSteps, $0.numTrainEpochs, $0.dataloaderDropLast, $0.loggingSteps) = (accumulated, 2, dropLast, 1)
        }
        try trainer.train()
        let sampler = try DefaultBatchSampler(rowCount: rows, batchSize: 2, dropLast: dropLast, seed: 42)
        let (x, y) = (table.columns[0].values, table.labels!.values)
        var w = 0.5, losses: [Double] = []
        for epoch in 0..<2 {
            let batches = sampler.batches(epoch: epoch)
            for start in stride(from: 0, to: batches.count, by: accumulated) {
                let group = batches[start..<min(start + accumulated, batches.count)]
                let slopes = group.map { rows in rows.reduce(0) { $0 + 2 * x[$1] * (w * x[$1] - y[$1]) } / Double(rows.count) }
                losses.append(
                    group.reduce(0) { $0 + $1.reduce(0) { $0 + (w * x[$1] - y[$1]) * (w * x[$1] - y[$1]) } / Double($1.count) }
                        / Double(group.count))
                w -= 0.1 * slopes.reduce(0, +) / Double(group.count)
            }
        }
        #expect(abs(trainer.model.w.value.item - w) < 1e-12)
        let logged = trainer.state.curve("loss").map(\.value)
        #expect(logged.count == losses.count && trainer.state.globalStep == losses.count)
        for (a, b) in zip(logged, losses) { #expect(abs(a - b) < 1e-12) }
        #expect(abs(trainer.state.logHistory.last!["train_loss"]! - losses.reduce(0, +) / Double(losses.count)) < 1e-12)
        #expect(trainer.state.epoch == 2)
    }

    /// Every batch of every step draws by a key of its own; the same seed gives the same ones.
    @Test func batchesOfAStepDrawApart() throws {
        func keys(seed: UInt64) throws -> [RandomKey] {
            let draws = Draws()
            let trainer = try trainer(10, objective: Squares(draws: draws)) {
                ($0.gradientAccumulationSteps, $0.numTrainEpochs, $0.seed) = (3, 2, seed)
            }
            try trainer.train()
            return draws.keys
        }
        let first = try keys(seed: 1)
        #expect(first.count == 10 && Set(first).count == 10)
        #expect(try keys(seed: 1) == first && Set(first).isDisjoint(with: try keys(seed: 2)))
    }

    @Test(arguments: [(0.5, 3), (1, 5), (1.5, 8), (2.2, 11)]) func partsOfEpochsAreStepsToo(epochs: Double, steps: Int) throws {
        let trainer = try trainer(10) { ($0.numTrainEpochs) = (epochs) }
        try trainer.train()
        #expect(trainer.state.globalStep == steps && trainer.state.maxSteps == steps)
        #expect(trainer.state.wasInterrupted == false && abs(trainer.state.epoch - Double(steps) / 5) < 1e-12)
    }

    /// A share of the steps is rounded up: warm-up, logs, evaluation and saving alike.
    @Test(arguments: [(0.25, 3), (0.3, 3), (0.31, 4), (0.05, 1)]) func sharesOfStepsAreRoundedUp(share: Double, steps: Int) throws {
        let rates = StepRates()
        let trainer = try trainer(20, evalDataset: Self.table(4), callbacks: [rates]) {
            ($0.warmupRatio, $0.loggingSteps, $0.evalStrategy, $0.evalSteps, $0.saveStrategy, $0.saveSteps) = (
                share, share, .steps, share, .steps, share
            )
            $0.lrSchedulerType = .constantWithWarmup
        }
        try trainer.train()
        for (step, rate) in rates.rates.enumerated() {
            #expect(abs(rate - 0.1 * min(1, Double(step) / Double(steps))) < 1e-15, "step \(step)")
        }
        let multiples = Array(stride(from: steps, through: 10, by: steps))
        let withLast = multiples.last == 10 ? multiples : multiples + [10]
        #expect(trainer.state.curve("loss").map(\.step) == multiples)
        #expect(trainer.state.curve("eval_loss").map(\.step) == withLast)
        #expect(try folder.content("output").filter { $0.hasPrefix("checkpoint") }.count == withLast.count)
    }

    private final class StepRates: TrainerCallback {
        private(set) var rates: [Double] = []
        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { rates.append(context.lastLearningRate) }
    }

    /// Of checkpoint-8 … checkpoint-12 the newest are kept, by their numbers.
    @Test(arguments: [1, 2, 3]) func theNewestCheckpointsAreThoseOfTheHighestSteps(limit: Int) throws {
        let trainer = try trainer(24) { ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (.steps, 1, limit) }
        try trainer.train()
        let kept = try folder.content("output").filter { $0.hasPrefix("checkpoint") }
        #expect(kept == (13 - limit...12).map { "checkpoint-\($0)" }.sorted())
    }

    /// The best checkpoint is kept beside them, and of equal figures the first is the best.
    @Test(arguments: [true, false]) func theBestCheckpointStays(greaterIsBetter: Bool) throws {
        let values = [0.2, 0.5, 0.5, 0.1, .nan, .infinity, 0.5, 0.3, 0.2, 0.4, 0.4, 0.4].map { greaterIsBetter ? $0 : -$0 }
        let trainer = try trainer(24, evaluator: Script(greaterIsBetter ? "score" : "loss", values)) {
            ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit, $0.evalStrategy, $0.evalSteps) = (.steps, 1, 2, .steps, 1)
            ($0.loadBestModelAtEnd, $0.metricForBestModel) = (true, greaterIsBetter ? "score" : "loss")
        }
        try trainer.train()
        #expect(trainer.state.bestGlobalStep == 2 && trainer.state.bestMetric == values[1])
        #expect(try folder.content("output").filter { $0.hasPrefix("checkpoint") } == ["checkpoint-12", "checkpoint-2"])
        #expect(trainer.state.bestModelCheckpoint?.hasSuffix("checkpoint-2") == true)
    }

    private final class Script: Evaluator {
        let name = ""
        private let metric: String
        private let values: [Double]
        private let calls = Mutex(0)
        init(_ metric: String, _ values: [Double]) { (self.metric, self.values) = (metric, values) }
        func callAsFunction(_ model: Line, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult {
            let call = calls.withLock { calls in
                calls += 1
                return calls - 1
            }
            return EvaluationResult(metrics: [(metric, values[call])], primaryMetric: metric)
        }
    }

    /// A checkpoint that is saved at an epoch's end is the best one where the evaluation of that step, for another reason, was best.
    @Test func aCheckpointOfAStepThatWasEvaluatedBeforeIsItsBest() throws {
        let trainer = try trainer(10, evaluator: Script("score", [0.1, 0.9, 0.2, 0.3])) {
            ($0.evalStrategy, $0.evalSteps, $0.saveStrategy, $0.numTrainEpochs, $0.metricForBestModel) = (.steps, 5, .epoch, 4, "score")
        }
        try trainer.train()
        #expect(trainer.state.bestGlobalStep == 10 && trainer.state.bestModelCheckpoint?.hasSuffix("checkpoint-10") == true)
    }

    @Test func whatIsEvaluatedCountsByItsRows() throws {
        let table = try Self.table(11)
        let trainer = try trainer(10, evalDataset: table) { $0.perDeviceEvalBatchSize = 4 }
        let (x, y) = (table.columns[0].values, table.labels!.values)
        let mean = x.indices.reduce(0) { $0 + (0.5 * x[$1] - y[$1]) * (0.5 * x[$1] - y[$1]) } / 11
        #expect(abs(try trainer.evaluate()[0].value - mean) < 1e-12)
    }

    @Test func theFirstStepIsLoggedWhereItIsAskedFor() throws {
        for (isAsked, steps) in [(true, [1, 3, 6, 9]), (false, [3, 6, 9])] {
            let trainer = try trainer(20) { ($0.loggingFirstStep, $0.loggingSteps) = (isAsked, 3) }
            try trainer.train()
            #expect(trainer.state.curve("loss").map(\.step) == steps)
        }
    }

    @Test func theLastStepIsSavedAndEvaluated() throws {
        let trainer = try trainer(20, evalDataset: Self.table(4)) {
            ($0.saveStrategy, $0.saveSteps, $0.evalStrategy, $0.evalSteps, $0.loggingSteps) = (.steps, 4, .steps, 3, 7)
        }
        try trainer.train()
        #expect(try folder.content("output").filter { $0.hasPrefix("checkpoint") } == ["checkpoint-10", "checkpoint-4", "checkpoint-8"])
        #expect(trainer.state.curve("eval_loss").map(\.step) == [3, 6, 9, 10])
    }

    @Test func theOrderOfRowsHasItsOwnSeed() throws {
        func final(seed: UInt64, dataSeed: UInt64?) throws -> Double {
            let trainer = try trainer(11) { ($0.seed, $0.dataSeed) = (seed, dataSeed) }
            try trainer.train()
            return trainer.model.w.value.item
        }
        #expect(try final(seed: 1, dataSeed: 5) == final(seed: 2, dataSeed: 5))
        #expect(try final(seed: 5, dataSeed: nil) == final(seed: 1, dataSeed: 5))
        #expect(try final(seed: 1, dataSeed: 5) != final(seed: 1, dataSeed: 6))
    }

    @Test func savingHasToMeetEvaluationForTheBestModel() throws {
        func check(_ save: Double, _ eval: Double?, logging: Double = 500) throws {
            try TrainingArguments {
                ($0.loadBestModelAtEnd, $0.saveStrategy, $0.evalStrategy) = (true, .steps, .steps)
                ($0.saveSteps, $0.evalSteps, $0.loggingSteps) = (save, eval, logging)
            }.validate()
        }
        try check(6, 3)
        try check(6, 6)
        try check(0.4, 0.2)
        try check(6, nil, logging: 2)
        for (save, eval) in [(5, 3), (3, 6), (6, 0.5), (0.5, 3), (0.3, 0.2)] as [(Double, Double)] {
            expectError(TrainingArgumentError.self, ["save_steps to be a multiple of eval_steps"]) { try check(save, eval) }
        }
        expectError(TrainingArgumentError.self, ["save_steps"]) { try check(5, nil, logging: 2) }
    }

    /// The figures of a run that was interrupted are those of one that was not.
    @Test(arguments: [3, 5, 7]) func figuresGoOnWhereARunStopped(_ step: Int) throws {
        func configure(_ arguments: inout TrainingArguments) {
            (arguments.saveStrategy, arguments.saveSteps, arguments.loggingSteps, arguments.numTrainEpochs) = (.steps, 1, 4, 2)
            arguments.gradientAccumulationSteps = 1
        }
        let whole = try trainer(10, configure)
        let summary = try whole.train()
        let resumed = try trainer(10, configure)
        try resumed.resume(from: folder.file("output/checkpoint-\(step)").path)
        #expect(resumed.state.globalStep == step)
        let counter = RowCounter()
        resumed.addCallback(counter)
        let again = try resumed.train()
        #expect(again.first { $0.key == "train_loss" }!.value == summary.first { $0.key == "train_loss" }!.value)
        #expect(resumed.state.curve("loss").map(\.value) == whole.state.curve("loss").map(\.value))
        #expect(resumed.model.w.value == whole.model.w.value && counter.rows == (step + 1...10).map { 2 * $0 })
    }

    private final class RowCounter: TrainerCallback {
        private(set) var rows: [Int] = []
        func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) { rows.append(context.rowsSeen) }
    }
}
