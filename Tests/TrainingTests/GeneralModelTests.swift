import Foundation
import Tapestry
import Testing

/// Reads two texts together and gives one logit.
private struct PairClassifier: TrainableModel {
    let transformer: Transformer
    let head: Linear

    init(_ encoder: SentenceTransformer, key: RandomKey) {
        transformer = encoder.transformer!
        head = Linear(inputWidth: encoder.transformer!.model.width, outputWidth: 1, key: key)
    }

    struct Batch: Sendable {
        let tokens: TokenBatch
        let targets: Tensor  // [B, 1]
    }

    func batch(_ dataset: Dataset, rows: [Int]) throws -> Batch {
        let (first, second) = (dataset.columns[0].texts, dataset.columns[1].texts)
        let pairs = rows.map {
            transformer.tokenizer.encode(first[$0], second[$0], maximumLength: transformer.maximumSequenceLength)
        }
        return Batch(
            tokens: TokenBatch(sequences: pairs.map(\.ids), typeIDs: pairs.map(\.typeIDs), samples: rows.map { UInt32($0) }),
            targets: try dataset.tensor(["score"], rows: rows))
    }

    func logits(_ tokens: TokenBatch, in context: Context) -> Tensor {
        let states = transformer.model.hiddenStates(tokens, in: context)
        return head(states[states.count - 1].segmentFirst(tokens.offsets))  // [B, 1]
    }
}

private struct BinaryCrossEntropyLoss: OnePassObjective {
    func loss(_ model: PairClassifier, _ batch: PairClassifier.Batch, in context: Context) -> LossValue {
        let logits = model.logits(batch.tokens, in: context)
        return LossValue((logits.softplus() - logits * batch.targets).mean())
    }
}

/// Has nothing to do with text.
private struct LinearRegression: TrainableModel {
    let layer = Linear(inputWidth: 2, outputWidth: 1, key: RandomKey(1))

    func batch(_ dataset: Dataset, rows: [Int]) throws -> (x: Tensor, y: Tensor) {
        (try dataset.tensor(["width", "height"], rows: rows), try dataset.tensor(["label"], rows: rows))
    }
}

/// The largest logit, or whatever a model's first parameter says.
private struct ParameterEvaluator<Model: TrainableModel>: Evaluator {
    let name = "first"

    func callAsFunction(_ model: Model, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult {
        named([("magnitude", model.parameters[0].value.square().sum().item)], primary: "magnitude")
    }

    private func named(_ metrics: [(key: String, value: Double)], primary: String) -> EvaluationResult {
        EvaluationResult(metrics: metrics.map { ("\(name)_\($0.key)", $0.value) }, primaryMetric: "\(name)_\(primary)")
    }
}

/// Models of three kinds share every line of the trainer: schedule, clipping, accumulation, logs, evaluation, the best model,
/// checkpoints, callbacks, going on.
struct GeneralModelTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let table: Dataset = {
        let (x, y) = ((0..<40).map { Double($0 % 7) / 7 }, (0..<40).map { Double($0 % 5) / 5 })
        return try! Dataset(["width": x, "height": y], labels: zip(x, y).map { 2 * $0 - $1 + 0.5 })
    }()

    /// - Parameter make: Gives a new model, always with the same weights.
    private func exercise<Model: TrainableModel>(
        _ make: @escaping () throws -> Model, _ objective: some Objective<Model>, _ dataset: Dataset
    ) throws {
        let arguments = settings(folder, epochs: 4) {
            ($0.perDeviceTrainBatchSize, $0.gradientAccumulationSteps, $0.learningRate) = (4, 2, 3e-2)
            ($0.warmupRatio, $0.maxGradNorm, $0.weightDecay, $0.lrSchedulerType) = (0.1, 0.5, 0.01, .cosine)
            ($0.evalStrategy, $0.evalSteps, $0.saveStrategy, $0.saveSteps) = (.steps, 4, .steps, 4)
            ($0.loggingSteps, $0.loadBestModelAtEnd, $0.metricForBestModel, $0.saveTotalLimit) = (2, true, "loss", 3)
        }
        func trainer(_ recorder: StepRecorder) throws -> Trainer<Model> {
            try Trainer(
                make(), objective: objective, dataset: dataset, evalDataset: dataset,
                evaluator: ParameterEvaluator<Model>(), arguments: arguments, callbacks: [recorder])
        }
        let recorder = StepRecorder()
        let whole = try trainer(recorder)
        try whole.train()
        #expect(whole.state.globalStep == 20)
        #expect(recorder.losses.suffix(5).reduce(0, +) < recorder.losses.prefix(5).reduce(0, +))
        for key in ["loss", "grad_norm", "learning_rate", "eval_loss", "eval_first_magnitude", "train_loss"] {
            #expect(!whole.state.curve(key).isEmpty, "no \(key) was logged")
        }
        let best = try #require(whole.state.bestGlobalStep)
        #expect(zip(weights(whole.model), recorder.weightsAfterStep[best]!).allSatisfy { $0 == $1 })
        #expect(whole.state.curve("eval_loss").map(\.value).min() == whole.state.bestMetric)

        let again = StepRecorder()
        let rest = try trainer(again)
        try rest.resume(from: folder.file("output/checkpoint-16").path)
        try rest.train()
        #expect(again.losses == Array(recorder.losses.suffix(4)))
        #expect(zip(again.weightsAfterStep[20]!, recorder.weightsAfterStep[20]!).allSatisfy { $0 == $1 })
    }

    @Test func sentenceEncodersTrain() throws {
        try exercise({ try model("tiny-bert", dropout: true) }, LossObjective(CosineSimilarityLoss()), pairs())
    }

    @Test func aClassifierOfTheJointTextOfTwoColumnsTrains() throws {
        func make() throws -> PairClassifier { PairClassifier(try TrainingTests.model("tiny-bert", dropout: true), key: RandomKey(3)) }
        try exercise(make, BinaryCrossEntropyLoss(), pairs())
        // It does read the texts together: each has its type, and the order matters.
        let (model, dataset) = (try make(), try pairs())
        let tokens = try model.batch(dataset, rows: [0]).tokens
        #expect(Set(tokens.typeIDs ?? []) == [0, 1])
    }

    @Test func aModuleOverColumnsOfNumbersTrains() throws {
        try exercise(
            { LinearRegression() },
            FunctionObjective { model, batch, _ in
                (model.layer(batch.x) - batch.y).square().mean()
            }, Self.table)
        let model = LinearRegression()
        let arguments = settings(folder, epochs: 60) { ($0.learningRate, $0.lrSchedulerType) = (5e-2, .constant) }
        try Trainer(model, dataset: Self.table, arguments: arguments) { model, batch, _ in
            (model.layer(batch.x) - batch.y).square().mean()
        }.train()
        let expected = Tensor([[2, -1]])
        #expect(model.layer.weight.value.maximumDifference(to: expected) < 1e-2)
        #expect(abs(model.layer.bias!.value.item - 0.5) < 1e-2)
    }

    @Test func columnsThatAreNotThereAreNamed() throws {
        expectError(DatasetError.self, ["height", "width"]) {
            let table = try Dataset(["width": [1, 2], "depth": [3, 4]], labels: [0, 1])
            try Trainer(LinearRegression(), dataset: table, arguments: settings(folder)) { model, batch, _ in
                (model.layer(batch.x) - batch.y).square().mean()
            }.train()
        }
    }
}
