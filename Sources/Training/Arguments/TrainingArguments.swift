import JSON
import Optimizers
import Options
import Sampling
import Tables

/// Everything that training can be told, with the field's names and defaults.
///
/// In Swift the names are in camel case; in YAML and JSON files, on the command line and on disk they are those that
/// Sentence Transformers users know: `per_device_train_batch_size`. Each has a row, which says what it means and what it
/// may be.
public struct TrainingArguments: Configurable, Sendable, Equatable {
    // MARK: Optimization

    /// Root of checkpoints and of eval/.
    public var outputDir: String
    /// Passes over the data; may be a fraction.
    public var numTrainEpochs: Double
    /// More than 0: the number of updates, whatever the epochs.
    public var maxSteps = -1
    /// Rows a step.
    public var perDeviceTrainBatchSize: Int
    /// Rows that are evaluated together.
    public var perDeviceEvalBatchSize = 8
    /// Batches whose gradients are averaged to one update.
    public var gradientAccumulationSteps = 1
    /// Takes fewer rows a step where the memory limit would be passed.
    public var autoFindBatchSize = false
    /// Gigabytes that the process may use, for auto_find_batch_size; none: the container's limit.
    public var maxMemory: Double?
    /// The largest.
    public var learningRate: Double
    /// Regular expressions in parameter names, and the learning rates of what they match; a later one wins.
    public var learningRateMapping: OptionMap<Double> = [:]
    /// How gradients change parameters.
    public var optim = OptimizerType.adamwTorchFused
    /// Settings of optim: key=value,key=value.
    public var optimArgs: String?
    /// How the learning rate falls.
    public var lrSchedulerType = SchedulerType.linear
    /// Options of lr_scheduler_type.
    public var lrSchedulerKwargs: JSONObject?
    /// Updates over which the learning rate rises; below 1 a share of all.
    public var warmupSteps = 0.0
    /// A share of all updates; counts where warmup_steps is 0.
    public var warmupRatio: Double
    /// Of all but biases and norms.
    public var weightDecay = 0.0
    /// Decay of the mean gradient.
    public var adamBeta1 = 0.9
    /// Decay of the mean squared gradient.
    public var adamBeta2 = 0.999
    /// Added to the root of the mean squared gradient.
    public var adamEpsilon = 1e-8
    /// Largest global norm of the gradients; 0: no limit.
    public var maxGradNorm = 1.0
    /// No loss here smooths labels: it changes nothing.
    public var labelSmoothingFactor = 0.0
    /// Adds noise of alpha / sqrt(tokens x width) to the word embeddings in training.
    public var neftuneNoiseAlpha: Double?
    // MARK: Precision and memory

    /// Means a GPU; float32 is used.
    public var fp16 = false
    /// Means a GPU; float32 is used.
    public var bf16 = false
    /// Means a GPU; float32 is used.
    public var fp16FullEval = false
    /// Means a GPU; float32 is used.
    public var bf16FullEval = false
    /// Means a GPU; float32 is used.
    public var tf32: Bool?
    /// Computes each layer again in the backward pass in place of keeping what it computed; none: no.
    public var gradientCheckpointing: Bool?
    /// Means a compiler for GPUs: it changes nothing.
    public var torchCompile = false
    /// The same.
    public var torchCompileBackend: String?
    /// The same.
    public var torchCompileMode: String?
    /// Updates between two releases of memory that is kept for reuse.
    public var torchEmptyCacheSteps: Int?
    /// No predictions are kept on a device: it changes nothing.
    public var evalAccumulationSteps: Int?
    /// The CPU is always used.
    public var useCPU = false
    /// Of generating models: it changes nothing.
    public var useCache = false
    // MARK: Data

    /// Of every random draw.
    public var seed: UInt64
    /// Of the order of rows; none: seed.
    public var dataSeed: UInt64?
    /// Is always so.
    public var fullDeterminism = false
    /// Which rows make a batch.
    public var batchSampler = BatchSamplers.batchSampler
    /// How the batches of several datasets follow each other.
    public var multiDatasetBatchSampler = MultiDatasetBatchSamplers.proportional
    /// Put before the texts: one, or by column, dataset, or both.
    public var prompts: ColumnTexts?
    /// Routes by column, dataset, or both, for models with a router.
    public var routerMapping: ColumnTexts?
    /// Leaves out the last, smaller batch of an epoch.
    public var dataloaderDropLast = false
    /// A batch is always prepared while the one before is computed: it changes nothing.
    public var dataloaderNumWorkers = 0
    /// Of GPUs: it changes nothing.
    public var dataloaderPinMemory = true
    /// As dataloader_num_workers.
    public var dataloaderPersistentWorkers = false
    /// As dataloader_num_workers.
    public var dataloaderPrefetchFactor: Int?
    /// A resumed run begins its epoch anew.
    public var ignoreDataSkip = false
    /// All columns are inputs of the loss: it changes nothing.
    public var removeUnusedColumns = true
    /// Batch_sampler says it: it changes nothing.
    public var trainSamplingStrategy = "random"
    /// The same.
    public var lengthColumnName = "length"
    // MARK: Logging, evaluation, saving

    /// When the loss is logged.
    public var loggingStrategy = IntervalStrategy.steps
    /// Updates between; below 1 a share of all.
    public var loggingSteps = 500.0
    /// Logs the first update, too.
    public var loggingFirstStep = false
    /// Nothing is hidden: training stops at a loss that is not finite, and says where it came from.
    public var loggingNaNInfFilter = true
    /// Of the libraries of the field: it changes nothing.
    public var logLevel = LogLevel.passive
    /// The same.
    public var logLevelReplica = LogLevel.warning
    /// What is told of the run beside the log.
    public var reportTo: Integrations = []
    /// The run's name there.
    public var runName: String?
    /// The project's name there.
    public var project = "huggingface"
    /// Shows no progress bar.
    public var disableTqdm = false
    /// Always so.
    public var predictionLossOnly = true
    /// When the model is evaluated.
    public var evalStrategy = IntervalStrategy.no
    /// Updates between; below 1 a share of all; none: logging_steps.
    public var evalSteps: Double?
    /// No evaluation before so many steps, or epochs where eval_strategy is epoch.
    public var evalDelay = 0.0
    /// Evaluates before the first step, too.
    public var evalOnStart = false
    /// When a checkpoint is saved; best: when an evaluation was the best so far.
    public var saveStrategy = IntervalStrategy.steps
    /// Updates between; below 1 a share of all.
    public var saveSteps = 500.0
    /// Keeps only the newest so many checkpoints, and the best.
    public var saveTotalLimit: Int?
    /// Leaves out what resuming needs.
    public var saveOnlyModel = false
    /// Goes back to the best checkpoint after training.
    public var loadBestModelAtEnd = false
    /// Says which is best; none: the loss.
    public var metricForBestModel: String?
    /// None: true, unless the metric is a loss.
    public var greaterIsBetter: Bool?
    /// Evaluations without improvement after which training stops; none: it does not.
    public var earlyStoppingPatience: Int?
    /// By how much more than this a metric has to be better.
    public var earlyStoppingThreshold = 0.0
    /// A checkpoint to go on from, or true for the newest.
    public var resumeFromCheckpoint: ResumePoint?
    // MARK: Hub

    /// Sends the model to the hub as it is saved.
    public var pushToHub = false
    /// Owner/name; none: the last part of output_dir.
    public var hubModelID: String?
    /// What is sent when.
    public var hubStrategy = HubStrategy.everySave
    /// Whether the repository is private; none: the owner's default.
    public var hubPrivateRepo: Bool?
    /// Never shown or written.
    public var hubToken: Secret?
    /// The branch that is pushed to; none: main.
    public var hubRevision: String?
    /// Pushes even while an earlier push is under way.
    public var hubAlwaysPush = false

    /// The usual few; all others are properties.
    public init(
        outputDir: String = "trainer_output", numTrainEpochs: Double = 3, perDeviceTrainBatchSize: Int = 8,
        learningRate: Double = 5e-5, warmupRatio: Double = 0, seed: UInt64 = 42,
        _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) {
        (self.outputDir, self.numTrainEpochs, self.perDeviceTrainBatchSize) = (outputDir, numTrainEpochs, perDeviceTrainBatchSize)
        (self.learningRate, self.warmupRatio, self.seed) = (learningRate, warmupRatio, seed)
        configure(&self)
    }

    // MARK: Keys, meanings, bounds

    public var options: [OptionRow<Self>] { Self.sections.flatMap(\.rows) }

    /// The arguments by what they are about.
    static let sections: [(title: String, rows: [OptionRow<TrainingArguments>])] = [
        ("Optimization", optimizationRows),
        ("Precision and memory", precisionAndMemoryRows),
        ("Data", dataRows),
        ("Logging, evaluation, saving", loggingEvaluationSavingRows),
        ("Hub", hubRows),
    ]

    private static let optimizationRows: [OptionRow<TrainingArguments>] = [
        .init("output_dir", \.outputDir, "root of checkpoints and of eval/"),
        .init("num_train_epochs", \.numTrainEpochs, "passes over the data; may be a fraction", Bound("1e9 or less") { $0 <= 1e9 }).where(
            "more than 0, unless max_steps is"
        ) { $0.numTrainEpochs > 0 || $0.maxSteps > 0 },
        .init("max_steps", \.maxSteps, "more than 0: the number of updates, whatever the epochs"),
        .init("per_device_train_batch_size", \.perDeviceTrainBatchSize, "rows a step", .atLeast(1)),
        .init("per_device_eval_batch_size", \.perDeviceEvalBatchSize, "rows that are evaluated together", .atLeast(1)),
        .init(
            "gradient_accumulation_steps", \.gradientAccumulationSteps, "batches whose gradients are averaged to one update", .atLeast(1)),
        .init("auto_find_batch_size", \.autoFindBatchSize, "takes fewer rows a step where the memory limit would be passed"),
        .init(
            "max_memory", \.maxMemory, "gigabytes that the process may use, for auto_find_batch_size; none: the container's limit",
            .moreThan(0)
        ).where("none, unless auto_find_batch_size is true") { $0.maxMemory == nil || $0.autoFindBatchSize },
        .init("learning_rate", \.learningRate, "the largest", notNegative),
        .init(
            "learning_rate_mapping", \.learningRateMapping,
            "regular expressions in parameter names, and the learning rates of what they match; a later one wins", notNegative),
        .init("optim", \.optim, "how gradients change parameters"),
        .init("optim_args", \.optimArgs, "settings of optim: key=value,key=value"),
        .init("lr_scheduler_type", \.lrSchedulerType, "how the learning rate falls"),
        .init("lr_scheduler_kwargs", \.lrSchedulerKwargs, "options of lr_scheduler_type"),
        .init(
            "warmup_steps", \.warmupSteps, "updates over which the learning rate rises; below 1 a share of all",
            Bound("0 or more, and finite") { (0...1e15).contains($0) }),
        .init(
            "warmup_ratio", \.warmupRatio, "a share of all updates; counts where warmup_steps is 0",
            Bound("between 0 and 1") { (0...1).contains($0) }),
        .init("weight_decay", \.weightDecay, "of all but biases and norms", notNegative),
        .init("adam_beta1", \.adamBeta1, "decay of the mean gradient", decay),
        .init("adam_beta2", \.adamBeta2, "decay of the mean squared gradient", decay),
        .init("adam_epsilon", \.adamEpsilon, "added to the root of the mean squared gradient", .moreThan(0)),
        .init("max_grad_norm", \.maxGradNorm, "largest global norm of the gradients; 0: no limit", .atLeast(0)),
        .init(
            "label_smoothing_factor", \.labelSmoothingFactor, "no loss here smooths labels: it changes nothing",
            Bound("at least 0 and below 1") { (0..<1).contains($0) }),
        .init(
            "neftune_noise_alpha", \.neftuneNoiseAlpha, "adds noise of alpha / sqrt(tokens x width) to the word embeddings in training",
            .moreThan(0)),
    ]

    private static let precisionAndMemoryRows: [OptionRow<TrainingArguments>] = [
        .init("fp16", \.fp16, "means a GPU; float32 is used"),
        .init("bf16", \.bf16, "keeps what layers compute in bfloat16 for the backward pass; all sums are float32's").where(
            "false, if fp16 is true"
        ) { !($0.fp16 && $0.bf16) },
        .init("fp16_full_eval", \.fp16FullEval, "means a GPU; float32 is used"),
        .init("bf16_full_eval", \.bf16FullEval, "means a GPU; float32 is used").where("false, if fp16_full_eval is true") {
            !($0.fp16FullEval && $0.bf16FullEval)
        },
        .init("tf32", \.tf32, "means a GPU; float32 is used"),
        .init(
            "gradient_checkpointing", \.gradientCheckpointing,
            "computes each layer again in the backward pass in place of keeping what it computed; none: no"),
        .init("torch_compile", \.torchCompile, "means a compiler for GPUs: it changes nothing"),
        .init("torch_compile_backend", \.torchCompileBackend, "the same"),
        .init("torch_compile_mode", \.torchCompileMode, "the same"),
        .init(
            "torch_empty_cache_steps", \.torchEmptyCacheSteps, "updates between two releases of memory that is kept for reuse", .atLeast(1)),
        .init("eval_accumulation_steps", \.evalAccumulationSteps, "no predictions are kept on a device: it changes nothing", .atLeast(1)),
        .init("use_cpu", \.useCPU, "the CPU is always used"),
        .init("use_cache", \.useCache, "of generating models: it changes nothing"),
    ]

    private static let dataRows: [OptionRow<TrainingArguments>] = [
        .init("seed", \.seed, "of every random draw"),
        .init("data_seed", \.dataSeed, "of the order of rows; none: seed"),
        .init("full_determinism", \.fullDeterminism, "is always so"),
        .init("batch_sampler", \.batchSampler, "which rows make a batch"),
        .init("multi_dataset_batch_sampler", \.multiDatasetBatchSampler, "how the batches of several datasets follow each other"),
        .init("prompts", \.prompts, "put before the texts: one, or by column, dataset, or both"),
        .init("router_mapping", \.routerMapping, "routes by column, dataset, or both, for models with a router"),
        .init("dataloader_drop_last", \.dataloaderDropLast, "leaves out the last, smaller batch of an epoch"),
        .init(
            "dataloader_num_workers", \.dataloaderNumWorkers,
            "a batch is always prepared while the one before is computed: it changes nothing", .atLeast(0)),
        .init("dataloader_pin_memory", \.dataloaderPinMemory, "of GPUs: it changes nothing"),
        .init("dataloader_persistent_workers", \.dataloaderPersistentWorkers, "as dataloader_num_workers"),
        .init("dataloader_prefetch_factor", \.dataloaderPrefetchFactor, "as dataloader_num_workers", .atLeast(1)),
        .init("ignore_data_skip", \.ignoreDataSkip, "a resumed run begins its epoch anew"),
        .init("remove_unused_columns", \.removeUnusedColumns, "all columns are inputs of the loss: it changes nothing"),
        .init("train_sampling_strategy", \.trainSamplingStrategy, "batch_sampler says it: it changes nothing"),
        .init("length_column_name", \.lengthColumnName, "the same"),
    ]

    private static let loggingEvaluationSavingRows: [OptionRow<TrainingArguments>] = [
        .init("logging_strategy", \.loggingStrategy, "when the loss is logged", notBest),
        .init("logging_steps", \.loggingSteps, "updates between; below 1 a share of all", interval),
        .init("logging_first_step", \.loggingFirstStep, "logs the first update, too"),
        .init(
            "logging_nan_inf_filter", \.loggingNaNInfFilter,
            "nothing is hidden: training stops at a loss that is not finite, and says where it came from"),
        .init("log_level", \.logLevel, "error and critical keep warnings from standard error"),
        .init("log_level_replica", \.logLevelReplica, "of other processes: it changes nothing"),
        .init("report_to", \.reportTo, "what is told of the run beside the log"),
        .init("run_name", \.runName, "the run's name there"),
        .init("project", \.project, "the project's name there"),
        .init("disable_tqdm", \.disableTqdm, "shows no progress bar"),
        .init("prediction_loss_only", \.predictionLossOnly, "always so"),
        .init("eval_strategy", \.evalStrategy, "when the model is evaluated", notBest).where(
            "steps or epoch, since lr_scheduler_type goes by evaluations"
        ) { $0.evalStrategy != .no || !$0.lrSchedulerType.isMetricDriven },
        .init("eval_steps", \.evalSteps, "updates between; below 1 a share of all; none: logging_steps", interval),
        .init("eval_delay", \.evalDelay, "no evaluation before so many steps, or epochs where eval_strategy is epoch", notNegative),
        .init("eval_on_start", \.evalOnStart, "evaluates before the first step, too"),
        .init("save_strategy", \.saveStrategy, "when a checkpoint is saved; best: when an evaluation was the best so far").where(
            "another, unless eval_strategy is steps or epoch"
        ) { $0.saveStrategy != .best || $0.evalStrategy != .no },
        .init("save_steps", \.saveSteps, "updates between; below 1 a share of all", interval),
        .init("save_total_limit", \.saveTotalLimit, "keeps only the newest so many checkpoints, and the best"),
        .init("save_only_model", \.saveOnlyModel, "leaves out what resuming needs"),
        .init("load_best_model_at_end", \.loadBestModelAtEnd, "goes back to the best checkpoint after training"),
        .init("metric_for_best_model", \.metricForBestModel, "says which is best; none: the loss"),
        .init("greater_is_better", \.greaterIsBetter, "none: true, unless the metric is a loss"),
        .init(
            "early_stopping_patience", \.earlyStoppingPatience,
            "evaluations in a row without a better metric_for_best_model, after which training stops; none: it does not", .atLeast(1)),
        .init(
            "early_stopping_threshold", \.earlyStoppingThreshold, "by how much more than this a metric has to be better", notNegative),
        .init("resume_from_checkpoint", \.resumeFromCheckpoint, "a checkpoint to go on from, or true for the newest"),
    ]

    private static let hubRows: [OptionRow<TrainingArguments>] = [
        .init("push_to_hub", \.pushToHub, "sends the model to the hub as it is saved"),
        .init("hub_model_id", \.hubModelID, "owner/name; none: the last part of output_dir"),
        .init("hub_strategy", \.hubStrategy, "what is sent when"),
        .init("hub_private_repo", \.hubPrivateRepo, "whether the repository is private; none: the owner's default"),
        .init("hub_token", \.hubToken, "never shown or written"),
        .init("hub_revision", \.hubRevision, "the branch that is pushed to; none: main"),
        .init("hub_always_push", \.hubAlwaysPush, "pushes even while an earlier push is under way"),
    ]

    private static let notNegative = Bound<Double>("0 or more, and finite") { $0 >= 0 && $0.isFinite }
    private static let decay = Bound<Double>("at least 0 and below 1") { (0..<1).contains($0) }
    private static let interval = Bound<Double>("more than 0, and finite") { $0 > 0 && $0 <= 1e15 }
    private static let notBest = Bound<IntervalStrategy>("no, steps or epoch") { $0 != .best }

    // MARK: Derived

    /// Number of warm-up updates among `total`.
    func warmupStepCount(of total: Int) -> Int {
        if warmupSteps >= 1 { return Int(warmupSteps) }
        return Int((Double(total) * (warmupSteps == 0 ? warmupRatio : warmupSteps)).rounded(.up))
    }

    /// The metric that says which model is best, as logs call it; nil where nobody asks.
    var bestMetricName: String? {
        guard loadBestModelAtEnd || metricForBestModel != nil || saveStrategy == .best || lrSchedulerType.isMetricDriven else { return nil }
        return Self.evalKey(metricForBestModel ?? "loss")
    }

    /// Whether a larger value of that metric is better.
    var isGreaterBetter: Bool { greaterIsBetter ?? !(bestMetricName ?? "loss").hasSuffix("loss") }

    /// The name of an evaluator's metric in logs: `eval_…`.
    static func evalKey(_ name: String) -> String { name.hasPrefix("eval_") ? name : "eval_" + name }

    /// An interval in updates: a number of them, or a share of `total`.
    static func interval(_ steps: Double, of total: Int) -> Int {
        max(1, steps < 1 ? Int((Double(total) * steps).rounded(.up)) : Int(steps))
    }
}

extension BatchSamplers: OptionChoice {}
extension MultiDatasetBatchSamplers: OptionChoice {}
