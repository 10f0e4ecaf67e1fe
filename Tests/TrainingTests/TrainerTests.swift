import Foundation
import Tapestry
import Testing

/// What one update is made of, and how many there are.
struct TrainerTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trained(
        _ model: SentenceTransformer, dataset: Dataset? = nil, loss: any Loss = CosineSimilarityLoss(),
        optimizer: Optimizer? = nil, _ arguments: TrainingArguments, _ callbacks: [any TrainerCallback] = []
    ) throws -> Trainer<SentenceTransformer> {
        let trainer = try Trainer(
            model, loss: loss, dataset: dataset ?? pairs(), arguments: arguments, optimizer: optimizer, callbacks: callbacks)
        try trainer.train()
        return trainer
    }

    @Test func accumulatedBatchesEqualOneLargeBatch() throws {
        // 40 rows: batches of 16, 16 and 8, and of twice 8, twice 8 and once 8. With plain gradient descent, as Adam
        // would blow rounding up where a gradient is zero.
        func run(batch: Int, accumulated: Int) throws -> (Trainer<SentenceTransformer>, [Tensor]) {
            let model = try model()
            let optimizer = Optimizer(SGD(), parameters: model.namedParameters)
            let trainer = try trained(
                model, optimizer: optimizer,
                settings(folder, epochs: 2) {
                    $0.perDeviceTrainBatchSize = batch
                    $0.gradientAccumulationSteps = accumulated
                    $0.learningRate = 0.5
                    $0.loggingSteps = 1
                })
            return (trainer, weights(model))
        }
        let (large, expected) = try run(batch: 16, accumulated: 1)
        let (small, found) = try run(batch: 8, accumulated: 2)
        #expect(large.state.globalStep == 6)
        #expect(small.state.globalStep == 6)
        for (a, b) in zip(large.state.curve("loss"), small.state.curve("loss")) {
            #expect(a.step == b.step)
            #expect(abs(a.value - b.value) < 1e-5)
        }
        for (a, b) in zip(large.state.curve("grad_norm"), small.state.curve("grad_norm")) {
            #expect(abs(a.value - b.value) < 1e-4 * a.value)
        }
        let moved = zip(expected, weights(try model())).map { $0.maximumDifference(to: $1) }.max()!
        #expect(moved > 0.01)
        for (a, b) in zip(expected, found) { #expect(a.maximumDifference(to: b) < 1e-5) }
    }

    /// A factor by group is in the optimizer, so schedule and trainer need not know of it: half of the rate at twice the factor is
    /// the same run, and a factor of zero is a frozen group.
    @Test func learningRatesByGroupTrain() throws {
        func run(_ learningRate: Double, _ factor: @escaping (String) -> Double) throws -> [Tensor] {
            let model = try model()
            let optimizer = Optimizer(AdamW(), parameters: model.namedParameters, learningRateFactor: factor)
            _ = try trained(model, optimizer: optimizer, settings(folder) { $0.learningRate = learningRate })
            return weights(model)
        }
        let start = try model()
        #expect(try run(1e-3) { _ in 1 } == run(5e-4) { _ in 2 })
        let slow = try run(1e-3) { $0.contains("embeddings.") ? 0 : 1 }
        for (named, value) in zip(start.namedParameters, slow) {
            #expect((named.parameter.value == value) == named.name.contains("embeddings."), "\(named.name)")
        }
    }

    @Test func frozenParametersStayAsTheyAre() throws {
        let model = try model()
        let frozen = model.namedParameters.filter { $0.name.contains("embeddings.") }
        try #require(frozen.count == 5)
        for named in frozen { named.parameter.isTrainable = false }
        let before = weights(model)
        _ = try trained(model, settings(folder))
        for (named, old) in zip(model.namedParameters, before) {
            let isFrozen = frozen.contains { $0.name == named.name }
            #expect((named.parameter.value == old) == isFrozen, "\(named.name)")
        }
    }

    @Test func weightDecayLeavesBiasesAndNormsAlone() throws {
        // One step from the same gradients: only the decay makes a difference.
        func run(decay: Double) throws -> [String: Tensor] {
            let model = try model("mini-bert")
            _ = try trained(
                model,
                settings(folder) {
                    $0.weightDecay = decay
                    $0.maxSteps = 1
                    $0.lrSchedulerType = .constant
                })
            return Dictionary(uniqueKeysWithValues: model.namedParameters.map { ($0.name, $0.parameter.value) })
        }
        let (plain, decayed) = (try run(decay: 0), try run(decay: 0.5))
        for (name, value) in plain {
            let isExempt = name.hasSuffix("bias") || name.contains("LayerNorm")
            #expect((decayed[name] == value) == isExempt, "\(name)")
        }
    }

    @Test(arguments: [(0.5, -1, 3), (1, -1, 5), (1.1, -1, 6), (3, 4, 4), (0.1, 12, 12)])
    func updatesAreCountedAsTheReferenceDoes(epochs: Double, maxSteps: Int, expected: Int) throws {
        let trainer = try trained(model("mini-bert"), settings(folder, epochs: epochs) { $0.maxSteps = maxSteps })
        #expect(trainer.state.maxSteps == expected)
        #expect(trainer.state.globalStep == expected)
        #expect(trainer.state.epoch == Double(expected) / 5)
        #expect(!trainer.state.wasInterrupted)
    }

    @Test(arguments: [(false, 3), (true, 2)])
    func theLastSmallerBatchIsLeftOutOnRequest(drop: Bool, expected: Int) throws {
        let trainer = try trained(
            model("mini-bert"),
            settings(folder) {
                $0.perDeviceTrainBatchSize = 16
                $0.dataloaderDropLast = drop
            })
        #expect(trainer.state.globalStep == expected)
    }

    @Test func theLearningRateFollowsTheSchedule() throws {
        let trainer = try trained(
            model("mini-bert"),
            settings(folder, epochs: 2) {
                $0.warmupRatio = 0.2
                $0.loggingSteps = 1
                $0.learningRate = 8e-3
            })
        let rates = trainer.state.curve("learning_rate").map(\.value)
        let expected = [0, 4, 8, 7, 6, 5, 4, 3, 2, 1].map { Double($0) * 1e-3 }
        #expect(zip(rates, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rates)")
        #expect(rates.count == 10)
    }

    private func mean(_ losses: ArraySlice<Double>) -> Double { losses.reduce(0, +) / Double(losses.count) }

    @Test func aLoggedLossIsTheMeanSinceTheLastLog() throws {
        func log(_ configure: (inout TrainingArguments) -> Void) throws -> ([Double], [(step: Int, value: Double)]) {
            let recorder = StepRecorder()
            let trainer = try trained(model("mini-bert"), settings(folder, epochs: 2, configure), [recorder])
            return (recorder.losses, trainer.state.curve("loss"))
        }
        let (losses, every4) = try log { $0.loggingSteps = 4 }
        try #require(losses.count == 10)
        #expect(every4.map(\.step) == [4, 8])
        #expect(every4.map(\.value) == [mean(losses[0..<4]), mean(losses[4..<8])])
        let (again, epochs) = try log { $0.loggingStrategy = .epoch }
        #expect(again == losses)
        #expect(epochs.map(\.step) == [5, 10])
        #expect(epochs.map(\.value) == [mean(losses[0..<5]), mean(losses[5..<10])])
        let (_, first) = try log {
            $0.loggingFirstStep = true
            $0.loggingSteps = 0.5
        }
        #expect(first.map(\.step) == [1, 5, 10])
        #expect(first.first?.value == losses[0])
        #expect(try log { $0.loggingStrategy = .no }.1.isEmpty)
    }

    @Test func theSummaryHoldsTheMeanLossOfAllUpdates() throws {
        let recorder = StepRecorder()
        let trainer = try Trainer(
            model("mini-bert"), loss: CosineSimilarityLoss(), dataset: pairs(), arguments: settings(folder),
            callbacks: [recorder])
        let summary = try trainer.train()
        #expect(
            summary.map(\.key) == [
                "train_runtime", "train_samples_per_second", "train_steps_per_second", "total_flos", "train_loss", "epoch",
            ])
        let loss = try #require(summary.first { $0.key == "train_loss" }?.value)
        #expect(abs(loss - recorder.losses.reduce(0, +) / 5) < 1e-12)
        #expect(trainer.state.logHistory.count == 1)
    }

    @Test func trainingMakesTheLossSmall() throws {
        let trainer = try trained(
            model(dropout: true),
            settings(folder, epochs: 10) {
                $0.learningRate = 2e-3
                $0.loggingStrategy = .epoch
            })
        let losses = trainer.state.curve("loss").map(\.value)
        #expect(losses.last! < 0.25 * losses[0], "\(losses)")
    }
}
