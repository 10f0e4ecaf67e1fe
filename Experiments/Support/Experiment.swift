import Foundation
import Tapestry

/// What an experiment runs with: a model to start from, data to learn from, a folder for its results.
public struct Experiment {
    public let options: ExperimentOptions
    public let data: ExperimentData
    /// Where the results go.
    public let output: String
    /// Nil: the built-in model.
    private let modelPath: String?

    /// Finds model and data, says which, and makes the output folder.
    ///
    /// - Parameter name: In the manner of folders, such as `matryoshka-sts`.
    /// - Throws: ``TrainingError`` when the folder cannot be written.
    public init(_ name: String, _ options: ExperimentOptions) throws {
        self.options = options
        data = ExperimentData(options)
        let usual = "models/minilm"
        let isThere = FileManager.default.fileExists(atPath: usual + "/modules.json")
        modelPath = options.model ?? (!options.builtIn && isThere ? usual : nil)
        output = options.output ?? "results/\(name)"
        try OutputFolder.prepare(output, allowingExisting: true)
        Console.writeToStandardError("Model: \(modelPath ?? "built-in"). Data: \(data.description).\n")
    }

    public var seed: UInt64 { options.seed }

    /// The model to start from; another one, with parameters of its own, at each call.
    public func model() throws -> SentenceTransformer {
        try modelPath.map { try SentenceTransformer($0) } ?? .builtIn()
    }

    /// The model to start from, cut to its first layers; half of them when left out.
    public func student(layers: Int? = nil) throws -> SentenceTransformer {
        let model = try model()
        let count = model.layerCount
        guard count > 0, (1...count).contains(layers ?? 1) else {
            throw LossInputError("the model has \(count) layers: a student of it has 1 to \(count), not \(layers ?? 1)")
        }
        return model.truncated(toLayers: layers ?? max(1, count / 2))
    }

    /// `--learning-rate`; left out, what is usual, ten times as much for the built-in model, which is narrow.
    public func learningRate(usual: Double = 2e-5) -> Double {
        options.learningRate ?? (modelPath == nil ? 10 * usual : usual)
    }

    /// As many rows as `--rows` says, or the experiment, drawn at random.
    public func drawn(_ dataset: Dataset, atMost rows: Int) -> Dataset {
        let count = options.rows ?? rows
        return count >= dataset.rowCount ? dataset : dataset.shuffle(seed: seed).prefix(count)
    }

    /// Trains and shows how it goes on.
    ///
    /// - Parameters:
    ///   - learningRate: `learningRate()` when left out.
    ///   - evaluator: Called before training, then every fifth of it.
    /// - Returns: The evaluator's metric over the steps, and the seconds that training took without it.
    @discardableResult
    public func train(
        _ model: SentenceTransformer, _ objective: any SentenceObjective, on dataset: any EpochwiseDataset, epochs: Double = 1,
        batchSize: Int = 32, learningRate: Double? = nil, sampler: BatchSamplers = .batchSampler,
        evaluator: (any Evaluator<SentenceTransformer>)? = nil
    ) throws -> TrainingCurve {
        Console.writeToStandardError("\(objective.name)\n")
        let arguments = TrainingArguments(
            outputDir: output, numTrainEpochs: epochs, perDeviceTrainBatchSize: batchSize,
            learningRate: learningRate ?? self.learningRate(), warmupRatio: 0.1, seed: seed
        ) {
            $0.batchSampler = sampler
            $0.saveStrategy = .no
            $0.evalStrategy = evaluator == nil ? .no : .steps
            $0.evalSteps = 0.2
        }
        let trainer = try Trainer(
            model, objective: objective, dataset: dataset, evaluator: evaluator, arguments: arguments,
            callbacks: [ProgressCallback(unit: "rows")])
        let before = try evaluator.map { try $0(model) }
        let seconds = try trainer.train().first { $0.key == "train_runtime" }?.value ?? .nan
        let later = before.map { trainer.state.curve("eval_\($0.primaryMetric)") } ?? []
        let points = (before.map { [(0, $0.primaryValue)] } ?? []) + later
        return TrainingCurve(
            points: points.map { ChartSeries.Point(step: $0.0, value: $0.1) },
            seconds: seconds - trainer.state.curve("eval_runtime").reduce(0) { $0 + $1.value })
    }

    @discardableResult
    public func train(
        _ model: SentenceTransformer, _ loss: any Loss, on dataset: any EpochwiseDataset, epochs: Double = 1,
        batchSize: Int = 32, learningRate: Double? = nil, sampler: BatchSamplers = .batchSampler,
        evaluator: (any Evaluator<SentenceTransformer>)? = nil
    ) throws -> TrainingCurve {
        try train(
            model, LossObjective(loss), on: dataset, epochs: epochs, batchSize: batchSize, learningRate: learningRate,
            sampler: sampler, evaluator: evaluator)
    }

    /// Writes the model into the output folder.
    ///
    /// - Throws: ``ModelFileError`` when it cannot be written.
    public func save(_ model: SentenceTransformer) throws {
        try model.save(to: output + "/model", allowingExisting: true)
        print("The model is in \(output)/model")
    }

    /// Prints the table, and writes it and the plot.
    ///
    /// - Throws: ``ModelFileError`` when a file cannot be written.
    public func report(_ results: ResultsTable, plot: LineChart) throws {
        print(results)
        try results.write(
            to: output, plot: plot,
            facts: [
                ("model", .string(modelPath ?? "built-in")), ("data", .string(data.description)),
                ("seed", .integer(Int(truncatingIfNeeded: seed))),
            ])
        print("The results are in \(output): results.json, plot.svg")
    }
}

/// How a metric went while a model was trained.
public struct TrainingCurve: Sendable {
    public var points: [ChartSeries.Point]
    /// Of training alone.
    public var seconds: Double

    public var last: Double { points.last?.value ?? .nan }
}
