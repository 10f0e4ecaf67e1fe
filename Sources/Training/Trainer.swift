import Autodiff
import Foundation
import Layers
import Losses
import Optimizers
import Requirements
import Sampling
import Tables

/// Trains any model that makes batches of a table's rows, with objectives over them.
///
/// ```swift
/// let model = try SentenceTransformer("models/all-MiniLM-L6-v2")
/// let train = try Dataset(contentsOf: URL(fileURLWithPath: "train.csv"))
/// let trainer = try Trainer(model, loss: CoSENTLoss(), dataset: train)
/// try trainer.train()
/// ```
public final class Trainer<Model: TrainableModel> {
    /// The model, which training changes in place.
    public let model: Model
    /// The datasets and their objectives; usually one.
    public let tasks: [TrainingTask<Model>]
    /// The datasets whose loss is evaluated.
    public let evalTasks: [TrainingTask<Model>]
    /// What gives the metrics; nil: none.
    public let evaluator: (any Evaluator<Model>)?
    /// The run's arguments.
    public let arguments: TrainingArguments
    /// What is told of events, in this order.
    public private(set) var callbacks: [any TrainerCallback]
    let optimizer: Optimizer
    /// The parameters of the objectives themselves, each once.
    let ownParameters: [NamedParameter]
    let evalSamplers: [any BatchSampler]
    let intervals: DefaultFlowCallback.Intervals
    var run = TrainingState()
    /// Whether `train()` was called.
    private var hasBegun = false
    /// What the evaluator found last.
    var lastEvaluation: EvaluationResult?
    /// Whether `train()` came to the end of the run.
    var hasEnded = false
    /// The embeddings of the last batch, column by column.
    var lastEmbeddings: [Tensor] = []
    /// Whether a gradient was other than zero since this trainer began.
    private var hasLearned = false
    /// What looks like a mistake in data or settings; training begins by writing it to standard error, too.
    public internal(set) var warnings: [String]
    /// The model as it is trained: with noise, or without what is computed again.
    let trainedModel: Model
    /// What is put before the texts of each column, of each task.
    let inputs, evalInputs: [ColumnInputs]
    let sampler: MultiDatasetBatchSampler
    /// Rows of all updates, as far as they can be told beforehand.
    let rowsInTotal: Int
    /// The first epoch's batches, between being drawn and being trained on.
    private var firstBatches: [MultiDatasetBatchSampler.Batch]?
    let schedule: LearningRateSchedule
    /// The schedule, where it goes by evaluations.
    var metricSchedule: MetricSchedule?
    private let updatesPerEpoch: Int

    /// How the embeddings of the batch before the last log entry lie; nil where the objective has none.
    public internal(set) var geometry: EmbeddingGeometry?
    var hasWarnedOfCollapse = false

    /// Steps, log and best metric so far.
    public var state: TrainerState { run.progress }

    /// Updates whose gradient was longer than `max_grad_norm`, and was shortened to it.
    public var clippedStepCount: Int { run.clippedSteps }

    /// Trains on several datasets, each with an objective of its own; a batch is always from one of them.
    ///
    /// ```swift
    /// let trainer = try Trainer(model, tasks: [
    ///     try TrainingTask(triplets, name: "nli", loss: MultipleNegativesRankingLoss()),
    ///     try TrainingTask(pairs, name: "sts", loss: CoSENTLoss()),
    /// ])
    /// ```
    ///
    /// - Parameters:
    ///   - model: What is trained, in place.
    ///   - tasks: The datasets and their objectives.
    ///   - evalTasks: For `eval_<name>_loss`, or `eval_loss` where the name is empty.
    ///   - evaluator: For metrics.
    ///   - arguments: Everything that training can be told.
    ///   - optimizer: what `optim` says, with the arguments' settings, when left out.
    ///   - datasetOrder: How the batches of the tasks follow each other; nil: what `multi_dataset_batch_sampler` says.
    ///   - callbacks: Told of events, in this order.
    ///   - schedule: Of the learning rate; nil: what `lr_scheduler_type` says.
    /// - Throws: What an objective says of a dataset that does not fit, and ``TrainingArgumentError``: before any work is done.
    public init(
        _ model: Model, tasks: [TrainingTask<Model>], evalTasks: [TrainingTask<Model>] = [],
        evaluator: (any Evaluator<Model>)? = nil, arguments: TrainingArguments = TrainingArguments(),
        optimizer: Optimizer? = nil, datasetOrder: (any MultiDatasetOrder)? = nil, callbacks: [any TrainerCallback] = [],
        schedule: LearningRateSchedule? = nil
    ) throws {
        require(!tasks.isEmpty, "Trainer: needs at least one task")
        try arguments.validate()
        for names in [tasks, evalTasks].map({ $0.map(\.name) }) {
            var seen = Set<String>()
            if let twice = names.first(where: { !seen.insert($0).inserted }) { throw TrainingError.taskName(twice) }
        }
        for task in tasks + evalTasks { try task.check(model) }
        if arguments.evalStrategy != .no && evalTasks.isEmpty && evaluator == nil { throw TrainingError.nothingToEvaluate }
        self.model = model
        self.tasks = tasks
        self.evalTasks = evalTasks
        self.evaluator = evaluator
        func inputs(_ tasks: [TrainingTask<Model>]) throws -> [ColumnInputs] {
            try tasks.map { task in
                let inputs = try ColumnInputs(arguments, for: task.dataset, named: task.name, isOnly: tasks.count == 1)
                // What the model cannot take is refused before the first step.
                if task.dataset.rowCount > 0 { _ = try model.batch(task.dataset, rows: [0], inputs: inputs) }
                return inputs
            }
        }
        (self.inputs, evalInputs) = (try inputs(tasks), try inputs(evalTasks))
        let givenBatchSize = arguments.perDeviceTrainBatchSize
        trainedModel = try model.trained(with: arguments)
        var arguments = arguments
        if arguments.autoFindBatchSize {
            arguments.perDeviceTrainBatchSize = try MemoryLimit(arguments).batchSize(
                for: tasks, self.inputs, trainedModel, seed: arguments.seed, upTo: arguments.perDeviceTrainBatchSize)
        }
        self.arguments = arguments
        var seen = Set<ObjectIdentifier>()
        ownParameters = tasks.enumerated().flatMap { $1.objective.parameters.named(under: "\($0)") }
            .filter { seen.insert(ObjectIdentifier($0.parameter)).inserted }
        guard (model.parameters + ownParameters.map(\.parameter)).contains(where: \.isTrainable) else {
            throw TrainingError.nothingToTrain("all parameters are frozen")
        }
        sampler = try MultiDatasetBatchSampler(
            tasks.map {
                try $0.batchSampler(
                    arguments, batchSize: arguments.perDeviceTrainBatchSize, dropLast: arguments.dataloaderDropLast)
            }, order: datasetOrder ?? arguments.multiDatasetBatchSampler, seed: arguments.dataSeed ?? arguments.seed)
        evalSamplers = try evalTasks.map {
            try $0.batchSampler(arguments, batchSize: arguments.perDeviceEvalBatchSize, dropLast: false)
        }
        let accumulated = arguments.gradientAccumulationSteps
        updatesPerEpoch = max(1, (sampler.batchCount + accumulated - 1) / accumulated)
        let steps =
            arguments.maxSteps > 0
            ? arguments.maxSteps : Int((arguments.numTrainEpochs * Double(updatesPerEpoch)).rounded(.up))
        (run.progress.maxSteps, run.batchesPerEpoch) = (steps, sampler.batchCount)
        let most = run.batchesPerEpoch * arguments.perDeviceTrainBatchSize
        // An order of one's own may deal a dataset more than once an epoch.
        let rowsPerEpoch = datasetOrder != nil ? most : min(tasks.reduce(0) { $0 + $1.dataset.rowCount }, most)
        rowsInTotal = steps * rowsPerEpoch / updatesPerEpoch
        let (warmup, options) = (arguments.warmupStepCount(of: steps), arguments.lrSchedulerKwargs ?? [:])
        self.schedule =
            try schedule
            ?? arguments.lrSchedulerType.schedule(
                warmupSteps: warmup, totalSteps: steps, learningRate: arguments.learningRate, options: options)
        metricSchedule = try schedule != nil ? nil : arguments.lrSchedulerType.metricSchedule(options: options)
        self.optimizer =
            try optimizer
            ?? Self.optimizer(arguments, model, own: ownParameters, taskNames: tasks.map(\.name), warmupSteps: warmup)
        intervals = DefaultFlowCallback.Intervals(arguments, totalSteps: steps)
        let patience = try arguments.earlyStoppingPatience.map {
            try EarlyStoppingCallback(patience: $0, threshold: arguments.earlyStoppingThreshold)
        }
        self.callbacks =
            [DefaultFlowCallback(intervals)] + (patience.map { [$0] } ?? []) + callbacks + arguments.reportTo.callbacks(arguments)
        warnings = tasks.flatMap { task in
            task.objective.warnings(about: task.dataset).map { (task.name.isEmpty ? "" : "dataset \(task.name): ") + $0 }
        }
        warnings += arguments.notes
        if arguments.perDeviceTrainBatchSize != givenBatchSize {
            warnings.append(
                "auto_find_batch_size: \(arguments.perDeviceTrainBatchSize) rows a step in place of \(givenBatchSize), within the memory limit"
            )
        }
        try checkOptimizer()
        try checkBestMetric()
    }

    /// Trains on one dataset with one objective; `evalDataset` is for `eval_loss`.
    ///
    /// - Throws: As the initializer with tasks.
    public convenience init(
        _ model: Model, objective: some Objective<Model>, dataset: any EpochwiseDataset, evalDataset: Dataset? = nil,
        evaluator: (any Evaluator<Model>)? = nil, arguments: TrainingArguments = TrainingArguments(),
        optimizer: Optimizer? = nil, callbacks: [any TrainerCallback] = []
    ) throws {
        try self.init(
            model, tasks: [TrainingTask(dataset, objective: objective)],
            evalTasks: evalDataset.map { [try TrainingTask($0, objective: objective)] } ?? [], evaluator: evaluator,
            arguments: arguments, optimizer: optimizer, callbacks: callbacks)
    }

    /// Adds a callback after those there are.
    public func addCallback(_ callback: any TrainerCallback) { callbacks.append(callback) }

    /// Removes the first callback of a type, and gives it back; nil where there is none.
    @discardableResult
    public func popCallback<Callback: TrainerCallback>(_ type: Callback.Type) -> Callback? {
        guard let index = callbacks.firstIndex(where: { $0 is Callback }) else { return nil }
        return callbacks.remove(at: index) as? Callback
    }

    /// Removes a callback.
    public func removeCallback(_ callback: any TrainerCallback) { callbacks.removeAll { $0 === callback } }

    // MARK: The loop

    /// Runs all epochs, or what is left of them where a run was interrupted or goes on from a checkpoint. After a run that
    /// came to its end another one begins, from the weights as they are.
    ///
    /// A run that begins moves what an earlier one left in `output_dir`, checkpoints and evaluation files, into a folder
    /// `earlier-1`, `earlier-2` … there.
    ///
    /// - Parameter resumeFromCheckpoint: Where the run goes on, if it has not begun yet; nil: what the arguments say.
    /// - Returns: The last log entry: `train_runtime`, `train_samples_per_second`, `train_loss` …
    /// - Throws: ``TrainingError``, and whatever evaluation and saving throw.
    @discardableResult
    public func train(resumeFromCheckpoint: ResumePoint? = nil) throws -> [(key: String, value: Double)] {
        let lock = try arguments.saveStrategy == .no ? nil : OutputFolder.acquire(arguments.outputDir)
        defer { withExtendedLifetime(lock) {} }
        if hasEnded { forgetRun() }
        if state.globalStep == 0, let point = resumeFromCheckpoint ?? (hasBegun ? nil : arguments.resumeFromCheckpoint) {
            try resume(at: point)
        }
        hasBegun = true
        if arguments.pushToHub && !callbacks.contains(where: { $0 is any HubUploading }) {
            throw TrainingArgumentError("push_to_hub: nothing uploads; add PushToHubCallback(HubPushSettings(arguments)!) to the callbacks")
        }
        for callback in callbacks { try callback.prepare(for: arguments) }
        if state.globalStep == 0 {
            try refuseBatchesWithoutGradient()
            try OutputFolder.setAsideEarlierRun(in: URL(fileURLWithPath: arguments.outputDir))
        }
        run.progress.wasInterrupted = false
        warnings.forEach(write(warning:))
        try startMetricSchedule()
        optimizer.useTrainingWeights()
        defer { optimizer.useEvaluationWeights() }
        let (start, rowsBefore, stepsBefore) = (ContinuousClock.now, run.rowsSeen, state.globalStep)
        var control = TrainerControl()
        notify(&control) { $0.onTrainBegin($1, &$2) }
        if arguments.evalOnStart && arguments.evalStrategy != .no && state.globalStep == 0 {
            control.shouldEvaluate = true
            try logEvaluateSave(&control)
        }
        let epochCount = (state.maxSteps + updatesPerEpoch - 1) / updatesPerEpoch
        while !control.shouldTrainingStop && run.epoch < epochCount { try runEpoch(&control) }
        if control.shouldTrainingStop && state.globalStep < state.maxSteps { run.progress.wasInterrupted = true }
        optimizer.useEvaluationWeights()
        try loadBestModelIfWanted()
        let seconds = (ContinuousClock.now - start).seconds
        let summary: [(key: String, value: Double)] = [
            ("train_runtime", seconds.rounded(places: 4)),
            ("train_samples_per_second", (Double(run.rowsSeen - rowsBefore) / seconds).rounded(places: 3)),
            ("train_steps_per_second", (Double(state.globalStep - stepsBefore) / seconds).rounded(places: 3)),
            ("total_flos", 0), ("train_loss", run.totalLoss / Double(max(1, state.globalStep))), ("epoch", state.epoch),
        ]
        log(summary, &control)
        notify(&control) { $0.onTrainEnd($1, &$2) }
        hasEnded = state.globalStep >= state.maxSteps
        return summary
    }

    /// Makes the next step the first one.
    private func forgetRun() {
        let (maxSteps, batchesPerEpoch) = (state.maxSteps, run.batchesPerEpoch)
        (run, hasEnded) = (TrainingState(), false)
        (run.progress.maxSteps, run.batchesPerEpoch) = (maxSteps, batchesPerEpoch)
        optimizer.reset()
    }

    /// The batches of an epoch; those of the first one are drawn once for all that ask before it begins.
    func batches(epoch: Int) -> [MultiDatasetBatchSampler.Batch] {
        guard epoch == 0 else { return sampler.batches(epoch: epoch) }
        let batches = firstBatches ?? sampler.batches(epoch: 0)
        firstBatches = batches
        return batches
    }

    /// Runs the epoch that is under way, from the batch at which it stands.
    private func runEpoch(_ control: inout TrainerControl) throws {
        let epoch = run.epoch
        control.shouldEpochStop = false
        notify(&control) { $0.onEpochBegin($1, &$2) }
        let batches = self.batches(epoch: epoch)
        firstBatches = nil
        guard !batches.isEmpty else {
            throw TrainingError.nothingToTrain(
                "epoch \(epoch + 1) has no batch; with no_duplicates, rows that share a text are in "
                    + "none together, and dataloader_drop_last leaves out what is smaller than the batch size")
        }
        let loader = BatchLoader(
            try tasks.map { try $0.dataset(epoch: epoch) }, inputs: inputs, batches: batches, model: model, first: run.batch)
        let accumulated = arguments.gradientAccumulationSteps
        let stepsBefore = state.globalStep
        for first in stride(from: run.batch, to: batches.count, by: accumulated) {
            // A run that goes on from its last step has nothing left to do.
            control.shouldTrainingStop = control.shouldTrainingStop || state.globalStep >= state.maxSteps
            if control.shouldTrainingStop { break }
            control.forgetRequests()
            notify(&control) { $0.onStepBegin($1, &$2) }
            let numbers = first..<min(first + accumulated, batches.count)
            try update(numbers.map { (tasks[batches[$0].dataset].objective, try loader.batch($0)) }, &control)
            run.rowsSeen += numbers.reduce(0) { $0 + batches[$1].rows.count }
            run.batch = numbers.upperBound
            run.progress.epoch = Double(epoch) + Double(run.batch) / Double(batches.count)
            notify(&control) { $0.onStepEnd($1, &$2) }
            try logEvaluateSave(&control)
            if control.shouldTrainingStop || control.shouldEpochStop { break }
        }
        if run.batch >= batches.count || control.shouldEpochStop { (run.epoch, run.batch) = (epoch + 1, 0) }
        if !hasLearned && state.globalStep > stepsBefore {
            hasLearned = true  // says it once
            warn(
                "every gradient of this epoch was exactly 0: its batches teach nothing. A loss that compares a row with the other "
                    + "rows of its batch needs several that differ")
        }
        control.forgetRequests()
        notify(&control) { $0.onEpochEnd($1, &$2) }
        try logEvaluateSave(&control)
    }

    /// One update of the parameters, from the mean of the batches' losses.
    private func update(
        _ batches: [(objective: any Objective<Model>, batch: Model.Batch)], _ control: inout TrainerControl
    ) throws {
        let stepKey = RandomKey(arguments.seed).folded(with: UInt64(state.globalStep))
        // The batches that make up a step draw different random numbers.
        let keyed = batches.enumerated().map { number, part in
            (objective: part.objective, batch: part.batch, key: number == 0 ? stepKey : stepKey.folded(with: UInt64(number)))
        }
        var gradients: Gradients?
        var (loss, components) = (0.0, RunningMeans())
        for (number, (objective, batch, key)) in keyed.enumerated() {
            var result = try objective.valueAndGradients(trainedModel, batch, key: key, detectingAnomalies: false)
            if !result.loss.isFinite { throw notFinite([(objective, batch, key)], result.loss, .nan) }
            if batches.count > 1 { result.gradients = result.gradients.scaled(by: 1 / Double(batches.count)) }
            loss += result.loss / Double(batches.count)
            components.add(result.components)
            lastEmbeddings = result.embeddings
            if gradients == nil { gradients = result.gradients } else { gradients!.add(result.gradients) }
            if number < keyed.count - 1 { notify(&control) { $0.onSubstepEnd($1, &$2) } }
        }
        guard let gradients else { return }
        guard state.globalStep > 0 || gradients.values.contains(where: { $0 != nil }) else {
            let names = keyed.map(\.objective.name).joined(separator: ", ")
            throw TrainingError.nothingToTrain("\(names) depends on no parameter by operations that have a derivative")
        }
        let norm = optimizer.gradientNorm(gradients)
        // Clipping leaves out the objectives' own parameters, but their gradients have to be finite, too.
        let ownNorm = optimizer.unclippedNorm(gradients)
        if !norm.isFinite || !ownNorm.isFinite { throw notFinite(keyed, loss, norm) }
        if norm > 0 || ownNorm > 0 { hasLearned = true }
        if arguments.maxGradNorm > 0 && norm > arguments.maxGradNorm { run.clippedSteps += 1 }
        let (learningRates, learningRate) = learningRates()
        notify(&control) { $0.onPreOptimizerStep($1, &$2) }
        optimizer.step(gradients, learningRates: learningRates, maximumNorm: arguments.maxGradNorm, gradientNorm: norm)
        notify(&control) { $0.onOptimizerStep($1, &$2) }
        run.progress.globalStep += 1
        if let steps = arguments.torchEmptyCacheSteps, state.globalStep % steps == 0 { CachingAllocator.trim() }
        run.last = TrainingState.LastUpdate(
            loss: loss, components: components.take().map { ($0.key, $0.value) }, gradientNorm: norm, learningRate: learningRate)
        run.lossLog.add([("loss", loss)] + run.last.components)
        run.totalLoss += loss
    }
}

extension Trainer {
    /// Trains with a function of model and batch that gives a scalar.
    ///
    /// ```swift
    /// let trainer = try Trainer(model, dataset: table) { model, batch, _ in (model.layer(batch.x) - batch.y).square().mean() }
    /// ```
    public convenience init(
        _ model: Model, dataset: any EpochwiseDataset, evalDataset: Dataset? = nil, evaluator: (any Evaluator<Model>)? = nil,
        arguments: TrainingArguments = TrainingArguments(), optimizer: Optimizer? = nil, callbacks: [any TrainerCallback] = [],
        loss: @escaping @Sendable (_ model: Model, _ batch: Model.Batch, _ context: Context) -> Tensor
    ) throws {
        try self.init(
            model, objective: FunctionObjective(loss), dataset: dataset, evalDataset: evalDataset, evaluator: evaluator,
            arguments: arguments, optimizer: optimizer, callbacks: callbacks)
    }
}
