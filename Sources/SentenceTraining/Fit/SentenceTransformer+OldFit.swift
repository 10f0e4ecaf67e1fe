import Autodiff
import Foundation
import Layers
import Optimizers
import Sampling
import SentenceEmbeddings
import Tables
import Training

extension SentenceTransformer {
    /// Trains by the loop of old: an optimizer and a schedule for each objective, and in every step one batch, and one update,
    /// of each. A set of examples that has no more begins anew.
    ///
    /// Parameters are those of `fit`; evaluation and `callback` get the steps since the epoch began, and −1 at its end.
    /// Checkpoints are models in `checkpointPath/<step>`; where there are more than the limit, the oldest is deleted.
    ///
    /// - Parameters:
    ///   - trainObjectives: Examples and losses.
    ///   - evaluator: Runs every `evaluationSteps` and after each epoch.
    ///   - epochs: Passes of `stepsPerEpoch` steps.
    ///   - stepsPerEpoch: nil: the batches of the smallest set.
    ///   - scheduler: A name of ``FitScheduler``.
    ///   - warmupSteps: Updates over which the learning rate rises.
    ///   - optimizer: How gradients change parameters.
    ///   - learningRate: The largest.
    ///   - weightDecay: Of all but biases and norms.
    ///   - evaluationSteps: Steps between two evaluations; 0: only after each epoch.
    ///   - outputPath: Where the best model goes; without an evaluator the last one.
    ///   - saveBestModel: Whether the best model is saved.
    ///   - maxGradNorm: The largest global norm of an objective's gradients, its own parameters included.
    ///   - callback: Told of the primary metric, the epoch and the step after each evaluation.
    ///   - checkpointPath: Where checkpoints go; nil: there are none.
    ///   - checkpointSaveSteps: Steps between two.
    ///   - checkpointSaveTotalLimit: 0: all are kept.
    ///   - seed: Of every random draw.
    /// - Throws: What an objective says of examples that do not fit, and what evaluation and saving throw.
    public func oldFit(
        _ trainObjectives: [TrainObjective], evaluator: (any Evaluator<SentenceTransformer>)? = nil, epochs: Int = 1,
        stepsPerEpoch: Int? = nil, scheduler: String = "WarmupLinear", warmupSteps: Int = 10_000, optimizer: any UpdateRule = AdamW(),
        learningRate: Double = 2e-5, weightDecay: Double = 0.01, evaluationSteps: Int = 0, outputPath: String? = nil,
        saveBestModel: Bool = true, maxGradNorm: Double = 1,
        callback: ((_ score: Double, _ epoch: Double, _ steps: Int) -> Void)? = nil, checkpointPath: String? = nil,
        checkpointSaveSteps: Int = 500, checkpointSaveTotalLimit: Int = 0, seed: UInt64 = 42
    ) throws {
        guard !trainObjectives.isEmpty else { throw TrainingArgumentError("oldFit: train_objectives is empty") }
        let scheduler = try FitScheduler(name: scheduler)
        var parts = try trainObjectives.map { try OldFitPart($0, self, optimizer, weightDecay, seed: seed) }
        let perEpoch = stepsPerEpoch.flatMap { $0 > 0 ? $0 : nil } ?? parts.map(\.batchCount).min()!
        let schedule = scheduler.schedule(warmupSteps: warmupSteps, totalSteps: perEpoch * epochs)
        let watch = FitCallback(evaluator, outputPath: outputPath, savesBest: saveBestModel, callback: callback)
        var step = 0
        for epoch in 0..<epochs {
            for inEpoch in 1...max(1, perEpoch) {
                for index in parts.indices {
                    let key = RandomKey(seed).folded(with: UInt64(step)).folded(with: UInt64(index))
                    try parts[index].step(self, key: key, learningRate: learningRate * schedule.factor(step), maximumNorm: maxGradNorm)
                }
                step += 1
                if evaluationSteps > 0 && inEpoch % evaluationSteps == 0 { try watch.evaluate(self, epoch: Double(epoch), steps: inEpoch) }
                if let checkpointPath, checkpointSaveSteps > 0, step % checkpointSaveSteps == 0 {
                    try saveOldCheckpoint(in: checkpointPath, step: step, limit: checkpointSaveTotalLimit)
                }
            }
            try watch.evaluate(self, epoch: Double(epoch), steps: -1)
        }
        try watch.saveLast(self)
        if let checkpointPath { try saveOldCheckpoint(in: checkpointPath, step: step, limit: checkpointSaveTotalLimit) }
    }

    private func saveOldCheckpoint(in folder: String, step: Int, limit: Int) throws {
        let root = URL(fileURLWithPath: folder, isDirectory: true)
        try FileManager.default.createDirectory(at: root, withIntermediateDirectories: true)
        try save(to: root.appendingPathComponent("\(step)").path, allowingExisting: true)
        let steps = try FileManager.default.contentsOfDirectory(atPath: folder).compactMap { Int($0) }
        if limit > 0, steps.count > limit { try FileManager.default.removeItem(at: root.appendingPathComponent("\(steps.min()!)")) }
    }
}

/// One objective of the loop of old, with all that is its own.
private struct OldFitPart {
    private let objective: any SentenceObjective
    private let dataset: Dataset
    private let sampler: any BatchSampler
    private let optimizer: Optimizer
    private var epoch = 0
    private var queue: ArraySlice<[Int]>

    var batchCount: Int { sampler.batchCount }

    init(_ part: TrainObjective, _ model: SentenceTransformer, _ rule: any UpdateRule, _ weightDecay: Double, seed: UInt64) throws {
        objective = part.objective
        dataset = try Dataset(part.loader.examples)
        try objective.check(dataset, for: model)
        sampler = try part.loader.batchSampler.sampler(for: dataset, batchSize: part.loader.batchSize, dropLast: false, seed: seed)
        guard sampler.batchCount > 0 else { throw DatasetError("\(dataset.rowCount) examples make no batch") }
        optimizer = SentenceTransformer.fitOptimizer(rule, model.namedParameters, objective.parameters, weightDecay, clipsAll: true)
        queue = sampler.batches(epoch: 0)[...]
    }

    mutating func step(_ model: SentenceTransformer, key: RandomKey, learningRate: Double, maximumNorm: Double) throws {
        if queue.isEmpty {
            epoch += 1
            queue = sampler.batches(epoch: epoch)[...]
        }
        let rows = queue.removeFirst()
        let result = try train(objective, model, rows, key)
        optimizer.step(result.gradients, learningRate: learningRate, maximumNorm: maximumNorm, gradientNorm: result.gradients.globalNorm)
    }

    private func train(
        _ objective: some SentenceObjective, _ model: SentenceTransformer, _ rows: [Int], _ key: RandomKey
    ) throws -> ObjectiveResult {
        try objective.valueAndGradients(model, model.batch(dataset, rows: rows), key: key, detectingAnomalies: false)
    }
}
