import Autodiff
import Foundation
import Layers
import Losses
import Optimizers
import Options
import Requirements
import Sampling
import SentenceEmbeddings
import Tables
import Training

/// Examples and what they are trained with, for `fit`.
public struct TrainObjective: Sendable {
    let loader: any ExampleLoader
    let objective: any SentenceObjective

    /// Examples with a loss of embeddings.
    public init(_ loader: any ExampleLoader, _ loss: any Loss) { (self.loader, objective) = (loader, LossObjective(loss)) }
    /// Examples with an objective that is none.
    public init(_ loader: any ExampleLoader, objective: any SentenceObjective) { (self.loader, self.objective) = (loader, objective) }
}

/// The schedules of `fit`, in any case: `WarmupLinear` is the usual one.
public enum FitScheduler: String, CaseIterable, Sendable {
    /// The same throughout, with or without a warm-up.
    case constantLR = "constantlr", warmupConstant = "warmupconstant"
    /// Up, then straight down to zero.
    case warmupLinear = "warmuplinear"
    /// Up, then down along a cosine, or along one after the other.
    case warmupCosine = "warmupcosine", warmupCosineWithHardRestarts = "warmupcosinewithhardrestarts"

    func schedule(warmupSteps: Int, totalSteps: Int) -> LearningRateSchedule {
        switch self {
        case .constantLR: .constant
        case .warmupConstant: .constantWithWarmup(warmupSteps: warmupSteps)
        case .warmupLinear: .linear(warmupSteps: warmupSteps, totalSteps: totalSteps)
        case .warmupCosine: .cosine(warmupSteps: warmupSteps, totalSteps: totalSteps)
        case .warmupCosineWithHardRestarts: .cosineWithRestarts(warmupSteps: warmupSteps, totalSteps: totalSteps)
        }
    }

    init(name: String) throws {
        guard let found = FitScheduler(rawValue: name.lowercased()) else {
            throw TrainingArgumentError("scheduler: \"\(name)\" is not one of \(Self.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        self = found
    }
}

extension SentenceTransformer {
    /// Trains in the older way; it becomes a `Trainer`, and trains step by step as that does: one batch of each objective in
    /// turn, until the smallest has no more.
    ///
    /// ```swift
    /// let examples = [InputExample(texts: ["A cat.", "A kitten."], label: 0.9), InputExample(texts: ["A cat.", "A car."], label: 0.1)]
    /// try model.fit([TrainObjective(DataLoader(examples, batchSize: 16), CosineSimilarityLoss())], epochs: 1, warmupSteps: 100)
    /// ```
    ///
    /// - Parameters:
    ///   - trainObjectives: Examples and losses.
    ///   - evaluator: Runs every `evaluationSteps` and after each epoch.
    ///   - epochs: Passes over the smallest set of examples.
    ///   - stepsPerEpoch: With one epoch, its steps; nil: as many as there are batches. With several epochs it does nothing.
    ///   - scheduler: A name of ``FitScheduler``.
    ///   - warmupSteps: Updates over which the learning rate rises.
    ///   - optimizer: How gradients change parameters.
    ///   - learningRate: The largest.
    ///   - weightDecay: Of all but biases and norms.
    ///   - evaluationSteps: Updates between two evaluations; 0: only after each epoch.
    ///   - outputPath: Where the model goes: the best by the evaluator's primary metric; without an evaluator the last one.
    ///   - saveBestModel: Whether the best model is saved.
    ///   - maxGradNorm: The largest global norm of the gradients.
    ///   - callback: Told of the primary metric, the epoch and the step after each evaluation.
    ///   - checkpointPath: Where checkpoints go; nil: there are none.
    ///   - checkpointSaveSteps: Updates between two.
    ///   - checkpointSaveTotalLimit: The newest so many are kept; 0: all.
    ///   - resumeFromCheckpoint: Goes on from the newest checkpoint there, if there is one.
    ///   - seed: Of every random draw.
    /// - Throws: As `Trainer` does.
    public func fit(
        _ trainObjectives: [TrainObjective], evaluator: (any Evaluator<SentenceTransformer>)? = nil, epochs: Int = 1,
        stepsPerEpoch: Int? = nil, scheduler: String = "WarmupLinear", warmupSteps: Int = 10_000, optimizer: any UpdateRule = AdamW(),
        learningRate: Double = 2e-5, weightDecay: Double = 0.01, evaluationSteps: Int = 0, outputPath: String? = nil,
        saveBestModel: Bool = true, maxGradNorm: Double = 1,
        callback: ((_ score: Double, _ epoch: Double, _ steps: Int) -> Void)? = nil, checkpointPath: String? = nil,
        checkpointSaveSteps: Int = 500, checkpointSaveTotalLimit: Int = 0, resumeFromCheckpoint: Bool = false, seed: UInt64 = 42
    ) throws {
        guard !trainObjectives.isEmpty else { throw TrainingArgumentError("fit: train_objectives is empty") }
        let scheduler = try FitScheduler(name: scheduler)
        var tasks: [TrainingTask<SentenceTransformer>] = []
        for (number, part) in trainObjectives.enumerated() {
            func task(_ objective: some SentenceObjective) throws -> TrainingTask<SentenceTransformer> {
                try TrainingTask(
                    Dataset(part.loader.examples), name: "_dataset_\(number + 1)", objective: objective, sampler: LoaderSampler(part.loader)
                )
            }
            tasks.append(try task(part.objective))
        }
        let steps = epochs == 1 ? stepsPerEpoch.flatMap { $0 > 0 ? $0 : nil } : nil
        let shortest = zip(tasks, trainObjectives).map { $0.dataset.rowCount / $1.loader.batchSize }.min() ?? 0
        let totalSteps = steps ?? shortest * epochs * tasks.count
        let arguments = TrainingArguments(
            outputDir: checkpointPath ?? Self.checkpointFolder, numTrainEpochs: Double(epochs),
            perDeviceTrainBatchSize: trainObjectives.last!.loader.batchSize, learningRate: learningRate, seed: seed
        ) {
            $0.maxSteps = steps ?? -1
            ($0.maxGradNorm, $0.multiDatasetBatchSampler) = (maxGradNorm, .roundRobin)
            ($0.evalStrategy, $0.evalSteps) = evaluator != nil && evaluationSteps > 0 ? (.steps, Double(evaluationSteps)) : (.no, nil)
            ($0.saveStrategy, $0.saveSteps) = (checkpointPath == nil ? .no : .steps, Double(checkpointSaveSteps))
            $0.saveTotalLimit = checkpointSaveTotalLimit > 0 ? checkpointSaveTotalLimit : nil
        }
        let own = tasks.enumerated().flatMap { $1.objective.parameters.named(under: "\($0)") }
        let watch = FitCallback(
            evaluator, outputPath: outputPath, savesBest: saveBestModel, callback: callback)
        let trainer = try Trainer(
            self, tasks: tasks, evaluator: watch.evaluator, arguments: arguments,
            optimizer: Self.fitOptimizer(optimizer, namedParameters, own, weightDecay), callbacks: [watch],
            schedule: scheduler.schedule(warmupSteps: warmupSteps, totalSteps: totalSteps))
        if resumeFromCheckpoint && checkpointPath != nil { try trainer.resumeFromNewestCheckpoint() }
        try trainer.train()
        if let error = watch.error { throw error }
    }

    /// Weight decay for all but what the older way exempts: names with `bias`, and weights of `LayerNorm`.
    static func fitOptimizer(
        _ rule: any UpdateRule, _ parameters: [NamedParameter], _ own: [NamedParameter], _ weightDecay: Double, clipsAll: Bool = false
    ) -> Optimizer {
        func isExempt(_ name: String) -> Bool { ["bias", "LayerNorm.bias", "LayerNorm.weight"].contains { name.contains($0) } }
        var seen = Set<ObjectIdentifier>()
        let own = own.filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }.named(under: "loss")
        let groups = [(parameters, true), (own, false)].flatMap { parameters, isClipped in
            [false, true].map { exempt in
                Optimizer.Group(
                    parameters: parameters.filter { isExempt($0.name) == exempt }, weightDecay: exempt ? 0 : weightDecay,
                    isClipped: isClipped || clipsAll)
            }
        }
        return Optimizer(rule, groups: groups)
    }

    /// `checkpoints/model`, or the first `checkpoints/model_1` … that is not there or is empty.
    private static var checkpointFolder: String {
        let names = ["checkpoints/model"] + (1...).lazy.prefix(100_000).map { "checkpoints/model_\($0)" }
        return names.first { (try? FileManager.default.contentsOfDirectory(atPath: $0))?.isEmpty ?? true } ?? names[0]
    }
}

/// A loader's sampler with its own batch size.
private struct LoaderSampler: BatchSamplerFactory {
    let base: BatchSamplers
    let batchSize: Int

    init(_ loader: any ExampleLoader) { (base, batchSize) = (loader.batchSampler, loader.batchSize) }

    func sampler(for dataset: Dataset, batchSize: Int, dropLast: Bool, seed: UInt64) throws -> any BatchSampler {
        try base.sampler(for: dataset, batchSize: self.batchSize, dropLast: dropLast, seed: seed)
    }
}
