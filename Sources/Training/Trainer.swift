import Autodiff
import Evaluation
import Foundation
import Layers
import Losses
import Optimizers
import Sampling
import SentenceEmbeddings
import Tables

/// Trains a sentence transformer.
///
/// ```swift
/// let model = try SentenceTransformer("models/all-MiniLM-L6-v2")
/// let train = try Dataset(contentsOf: URL(fileURLWithPath: "train.csv"))
/// let trainer = try Trainer(model, loss: CoSENTLoss(), dataset: train)
/// try trainer.train()
/// ```
public final class Trainer {
    public let model: SentenceTransformer
    /// The datasets and their objectives; usually one.
    public let tasks: [TrainingTask]
    public let evalTasks: [TrainingTask]
    public let evaluator: (any Evaluator)?
    public let arguments: TrainingArguments
    public internal(set) var state = TrainerState()
    let optimizer: Optimizer
    public private(set) var callbacks: [any TrainerCallback]
    private let sampler: MultiDatasetBatchSampler
    let evalSamplers: [any BatchSampler]
    private let schedule: LearningRateSchedule
    let intervals: DefaultFlowCallback.Intervals
    private let updatesPerEpoch: Int
    private var lossLog = RunningMeans()
    private var totalLoss = 0.0
    private var lastGradientNorm = 0.0
    private var lastLearningRate = Double.nan
    private var lastLoss = Double.nan
    private var lastComponents: [(name: String, value: Double)] = []
    private var rowsSeen = 0
    private var evaluatedStep = -1

    /// - Parameters:
    ///   - loss: The inputs that it declares must fit the dataset.
    ///   - evalDataset: For `eval_loss`.
    ///   - evaluator: For metrics.
    ///   - optimizer: AdamW with the arguments' settings when left out.
    /// - Throws: ``LossInputError`` or ``DatasetError`` when the dataset does not fit the loss, and
    ///   ``TrainingArgumentError``: before any work is done.
    public convenience init(
        _ model: SentenceTransformer, loss: any Loss = CoSENTLoss(), dataset: any EpochwiseDataset,
        evalDataset: Dataset? = nil, evaluator: (any Evaluator)? = nil,
        arguments: TrainingArguments = TrainingArguments(), optimizer: Optimizer? = nil,
        callbacks: [any TrainerCallback] = []
    ) throws {
        try self.init(model, objective: LossObjective(loss), dataset: dataset, evalDataset: evalDataset,
                      evaluator: evaluator, arguments: arguments, optimizer: optimizer, callbacks: callbacks)
    }

    public convenience init(
        _ model: SentenceTransformer, objective: any Objective, dataset: any EpochwiseDataset, evalDataset: Dataset? = nil,
        evaluator: (any Evaluator)? = nil, arguments: TrainingArguments = TrainingArguments(),
        optimizer: Optimizer? = nil, callbacks: [any TrainerCallback] = []
    ) throws {
        try self.init(
            model, tasks: [TrainingTask(dataset, objective: objective)],
            evalTasks: evalDataset.map { [try TrainingTask($0, objective: objective)] } ?? [], evaluator: evaluator,
            arguments: arguments, optimizer: optimizer, callbacks: callbacks)
    }

    /// Trains on several datasets, each with an objective of its own; a batch is always from one of them.
    ///
    /// ```swift
    /// let trainer = try Trainer(model, tasks: [
    ///     try TrainingTask(triplets, name: "nli", loss: MultipleNegativesRankingLoss()),
    ///     try TrainingTask(pairs, name: "sts", loss: CoSENTLoss()),
    /// ])
    /// ```
    ///
    /// - Parameter evalTasks: For `eval_<name>_loss`, or `eval_loss` where the name is empty.
    public init(
        _ model: SentenceTransformer, tasks: [TrainingTask], evalTasks: [TrainingTask] = [], evaluator: (any Evaluator)? = nil,
        arguments: TrainingArguments = TrainingArguments(), optimizer: Optimizer? = nil, callbacks: [any TrainerCallback] = []
    ) throws {
        precondition(!tasks.isEmpty, "Trainer: needs at least one task")
        try arguments.validate()
        for task in tasks + evalTasks { try task.check(model) }
        if arguments.evalStrategy != .no && evalTasks.isEmpty && evaluator == nil { throw TrainingError.nothingToEvaluate }
        self.model = model
        self.tasks = tasks
        self.evalTasks = evalTasks
        self.evaluator = evaluator
        self.arguments = arguments
        sampler = try MultiDatasetBatchSampler(
            tasks.map {
                try $0.batchSampler(
                    arguments, batchSize: arguments.perDeviceTrainBatchSize, dropLast: arguments.dataloaderDropLast)
            }, order: arguments.multiDatasetBatchSampler, seed: arguments.dataSeed ?? arguments.seed)
        evalSamplers = try evalTasks.map {
            try $0.batchSampler(arguments, batchSize: arguments.perDeviceEvalBatchSize, dropLast: false)
        }
        let accumulated = arguments.gradientAccumulationSteps
        updatesPerEpoch = max(1, (sampler.batchCount + accumulated - 1) / accumulated)
        state.maxSteps = arguments.maxSteps > 0
            ? arguments.maxSteps : Int((arguments.numTrainEpochs * Double(updatesPerEpoch)).rounded(.up))
        schedule = arguments.lrSchedulerType.schedule(
            warmupSteps: arguments.warmupStepCount(of: state.maxSteps), totalSteps: state.maxSteps)
        self.optimizer = optimizer ?? Optimizer(
            AdamW(beta1: arguments.adamBeta1, beta2: arguments.adamBeta2, epsilon: arguments.adamEpsilon),
            parameters: model.namedParameters, unclipped: tasks.ownParameters, weightDecay: arguments.weightDecay)
        intervals = DefaultFlowCallback.Intervals(arguments, totalSteps: state.maxSteps)
        self.callbacks = [DefaultFlowCallback(intervals)] + callbacks
    }

    public func addCallback(_ callback: any TrainerCallback) { callbacks.append(callback) }

    // MARK: The loop

    /// Runs all epochs.
    ///
    /// - Returns: The last log entry: `train_runtime`, `train_samples_per_second`, `train_loss` …
    /// - Throws: ``TrainingError``, and whatever evaluation and saving throw.
    @discardableResult
    public func train() throws -> [(key: String, value: Double)] {
        let start = ContinuousClock.now
        var control = TrainerControl()
        notify(&control) { $0.onTrainBegin($1, &$2) }
        var epoch = 0
        let epochCount = (state.maxSteps + updatesPerEpoch - 1) / updatesPerEpoch
        while !control.shouldTrainingStop && epoch < epochCount {
            try runEpoch(epoch, &control)
            epoch += 1
        }
        if control.shouldTrainingStop && state.globalStep < state.maxSteps { state.wasInterrupted = true }
        try loadBestModelIfWanted()
        let seconds = (ContinuousClock.now - start).seconds
        let summary: [(key: String, value: Double)] = [
            ("train_runtime", seconds.rounded(places: 4)),
            ("train_samples_per_second", (Double(rowsSeen) / seconds).rounded(places: 3)),
            ("train_steps_per_second", (Double(state.globalStep) / seconds).rounded(places: 3)),
            ("total_flos", 0), ("train_loss", totalLoss / Double(max(1, state.globalStep))), ("epoch", state.epoch),
        ]
        log(summary, &control)
        notify(&control) { $0.onTrainEnd($1, &$2) }
        return summary
    }

    private func runEpoch(_ epoch: Int, _ control: inout TrainerControl) throws {
        control.shouldEpochStop = false
        notify(&control) { $0.onEpochBegin($1, &$2) }
        let batches = sampler.batches(epoch: epoch)
        let loader = BatchLoader(try tasks.map { try $0.dataset(epoch: epoch) }, batches: batches, model: model)
        let accumulated = arguments.gradientAccumulationSteps
        for first in stride(from: 0, to: batches.count, by: accumulated) {
            control.shouldLog = false
            control.shouldEvaluate = false
            control.shouldSave = false
            notify(&control) { $0.onStepBegin($1, &$2) }
            let last = min(first + accumulated, batches.count)
            try update((first..<last).map { (tasks[batches[$0].dataset].objective, loader.batch($0)) })
            state.epoch = Double(epoch) + Double(last) / Double(batches.count)
            notify(&control) { $0.onStepEnd($1, &$2) }
            try logEvaluateSave(&control)
            if control.shouldTrainingStop || control.shouldEpochStop { break }
        }
        control.shouldLog = false
        control.shouldEvaluate = false
        control.shouldSave = false
        notify(&control) { $0.onEpochEnd($1, &$2) }
        try logEvaluateSave(&control)
    }

    /// One update of the parameters, from the mean of the batches' losses.
    private func update(_ batches: [(objective: any Objective, batch: TrainingBatch)]) throws {
        let stepKey = RandomKey(arguments.seed).folded(with: UInt64(state.globalStep))
        var gradients: Gradients?
        var (loss, components) = (0.0, RunningMeans())
        for (number, (objective, batch)) in batches.enumerated() {
            let key = Self.key(ofBatch: number, stepKey)
            var result = try objective.valueAndGradients(model, batch, key: key, detectingAnomalies: false)
            if !result.loss.isFinite { throw notFinite([(objective, batch, key)], result.loss, .nan) }
            if batches.count > 1 { result.gradients = result.gradients.scaled(by: 1 / Double(batches.count)) }
            loss += result.loss / Double(batches.count)
            components.add(result.components)
            if gradients == nil { gradients = result.gradients } else { gradients!.add(result.gradients) }
            rowsSeen += batch.rowCount
        }
        guard let gradients else { return }
        let norm = optimizer.gradientNorm(gradients)
        if !norm.isFinite {
            throw notFinite(batches.enumerated().map { ($1.objective, $1.batch, Self.key(ofBatch: $0, stepKey)) }, loss, norm)
        }
        lastLearningRate = arguments.learningRate * schedule.factor(state.globalStep)
        optimizer.step(gradients, learningRate: lastLearningRate, maximumNorm: arguments.maxGradNorm, gradientNorm: norm)
        state.globalStep += 1
        lastComponents = components.take().map { ($0.key, $0.value) }
        lossLog.add([("loss", loss)] + lastComponents)
        totalLoss += loss
        lastLoss = loss
        lastGradientNorm = norm
    }

    /// The batches that make up a step draw different random numbers.
    private static func key(ofBatch number: Int, _ stepKey: RandomKey) -> RandomKey {
        number == 0 ? stepKey : stepKey.folded(with: UInt64(number))
    }

    // MARK: Log, evaluate, save

    private func logEvaluateSave(_ control: inout TrainerControl) throws {
        if control.shouldLog, !lossLog.isEmpty {
            log(lossLog.take() + [("grad_norm", lastGradientNorm), ("learning_rate", lastLearningRate), ("epoch", state.epoch)], &control)
        }
        var improved = false
        if control.shouldEvaluate && evaluatedStep != state.globalStep {
            evaluatedStep = state.globalStep
            let metrics = try evaluate()
            log(metrics, &control)
            notify(&control) { $0.onEvaluate($1, &$2, metrics) }
            improved = try noteBest(metrics)
        }
        if control.shouldSave {
            if improved || state.bestGlobalStep == state.globalStep { state.bestModelCheckpoint = checkpointPath }
            _ = try saveCheckpoint()
            notify(&control) { $0.onSave($1, &$2) }
        }
    }

    private func log(_ values: [(key: String, value: Double)], _ control: inout TrainerControl) {
        state.logHistory.append(TrainerState.LogEntry(step: state.globalStep, values: values))
        notify(&control) { $0.onLog($1, &$2, values) }
    }

    private func notify(
        _ control: inout TrainerControl, _ event: (any TrainerCallback, TrainerContext, inout TrainerControl) -> Void
    ) {
        let rowsPerEpoch = min(tasks.reduce(0) { $0 + $1.dataset.rowCount }, sampler.batchCount * arguments.perDeviceTrainBatchSize)
        let total = state.maxSteps * rowsPerEpoch / max(1, updatesPerEpoch)
        let context = TrainerContext(
            arguments: arguments, state: state, model: model, rowsSeen: rowsSeen, rowsInTotal: total,
            lastLoss: lastLoss, lastComponents: lastComponents, lastLearningRate: lastLearningRate)
        for callback in callbacks { event(callback, context, &control) }
    }
}
