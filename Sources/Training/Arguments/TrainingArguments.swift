import Optimizers
import Options
import Sampling
import Tables

/// When something is done during training.
public enum IntervalStrategy: String, CaseIterable, OptionChoice {
    /// Never, every so many steps, or after each epoch.
    case no, steps, epoch
}

/// Everything that training can be told, with the field's names and defaults.
///
/// In Swift the names are in camel case; in YAML files, on the command line and on disk they are those that
/// Sentence Transformers users know: `per_device_train_batch_size`. Each has a row, which says what it means and what it
/// may be.
public struct TrainingArguments: Configurable, Sendable, Equatable {
    // MARK: Optimization

    /// The folder of checkpoints and of `eval`.
    public var outputDir: String
    /// Passes over the data; may be a fraction.
    public var numTrainEpochs: Double
    /// If more than 0, the number of updates, whatever the epochs.
    public var maxSteps = -1
    /// Rows of a batch in training.
    public var perDeviceTrainBatchSize: Int
    /// Rows of a batch in evaluation.
    public var perDeviceEvalBatchSize = 8
    /// Batches whose mean gradient makes one update.
    public var gradientAccumulationSteps = 1
    /// The largest learning rate of the schedule.
    public var learningRate: Double
    /// The update rule.
    public var optim = OptimizerType.adamwTorchFused
    /// How the learning rate changes over the run.
    public var lrSchedulerType = SchedulerType.linear
    /// Updates over which the learning rate rises; below 1 it is a share of all.
    public var warmupSteps = 0.0
    /// The same as a share of all updates; counts if `warmupSteps` is 0.
    public var warmupRatio: Double
    /// Of all parameters but biases and norms.
    public var weightDecay = 0.0
    /// Decay of the mean gradient.
    public var adamBeta1 = 0.9
    /// Decay of the mean squared gradient.
    public var adamBeta2 = 0.999
    /// Added to the root of the mean squared gradient.
    public var adamEpsilon = 1e-8
    /// The largest global norm of the gradients; 0: no limit.
    public var maxGradNorm = 1.0

    // MARK: Data

    /// What every random draw depends on.
    public var seed: UInt64
    /// What the order of rows depends on; nil: `seed`.
    public var dataSeed: UInt64?
    /// Which rows make a batch.
    public var batchSampler = BatchSamplers.batchSampler
    /// How the batches of several datasets follow each other.
    public var multiDatasetBatchSampler = MultiDatasetBatchSamplers.proportional
    /// Leaves out a smaller last batch of an epoch.
    public var dataloaderDropLast = false

    // MARK: Logging, evaluation, saving

    /// When the loss is logged.
    public var loggingStrategy = IntervalStrategy.steps
    /// Updates between two logs; below 1 it is a share of all.
    public var loggingSteps = 500.0
    /// Logs the first update, too.
    public var loggingFirstStep = false
    /// When the model is evaluated.
    public var evalStrategy = IntervalStrategy.no
    /// Updates between two evaluations; below 1 it is a share of all; nil: `loggingSteps`.
    public var evalSteps: Double?
    /// When a checkpoint is saved.
    public var saveStrategy = IntervalStrategy.steps
    /// Updates between two checkpoints; below 1 it is a share of all.
    public var saveSteps = 500.0
    /// Keeps only so many of the newest checkpoints, and the best; nil: all.
    public var saveTotalLimit: Int?
    /// Goes back to the best checkpoint after training.
    public var loadBestModelAtEnd = false
    /// The metric that says which checkpoint is best; nil: the loss.
    public var metricForBestModel: String?
    /// Whether a larger metric is better; nil: yes, unless it is a loss.
    public var greaterIsBetter: Bool?
    /// Shows no progress bar.
    public var disableTqdm = false

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

    public var options: [OptionRow<Self>] { Self.rows }

    private static let rows: [OptionRow<TrainingArguments>] = [
        .init("output_dir", \.outputDir, "root of checkpoints and of eval/"),
        .init("num_train_epochs", \.numTrainEpochs, "passes over the data", Bound("1e9 or less") { $0 <= 1e9 })
            .where("more than 0, unless max_steps is") { $0.numTrainEpochs > 0 || $0.maxSteps > 0 },
        .init("max_steps", \.maxSteps, "more than 0: the number of updates, whatever the epochs"),
        .init("per_device_train_batch_size", \.perDeviceTrainBatchSize, "rows a step", .atLeast(1)),
        .init("per_device_eval_batch_size", \.perDeviceEvalBatchSize, "rows that are evaluated together", .atLeast(1)),
        .init(
            "gradient_accumulation_steps", \.gradientAccumulationSteps, "batches whose gradients are averaged to one update", .atLeast(1)),
        .init("learning_rate", \.learningRate, "the largest", notNegative),
        .init("optim", \.optim, "how gradients change parameters"),
        .init("lr_scheduler_type", \.lrSchedulerType, "how the learning rate falls"),
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
        .init("seed", \.seed, "of every random draw"),
        .init("data_seed", \.dataSeed, "of the order of rows; none: seed"),
        .init("batch_sampler", \.batchSampler, "which rows make a batch"),
        .init("multi_dataset_batch_sampler", \.multiDatasetBatchSampler, "how the batches of several datasets follow each other"),
        .init("dataloader_drop_last", \.dataloaderDropLast, "leaves out the last, smaller batch of an epoch"),
        .init("logging_strategy", \.loggingStrategy, "when the loss is logged"),
        .init("logging_steps", \.loggingSteps, "updates between; below 1 a share of all", interval),
        .init("logging_first_step", \.loggingFirstStep, "logs the first update, too"),
        .init("eval_strategy", \.evalStrategy, "when the model is evaluated"),
        .init("eval_steps", \.evalSteps, "updates between; below 1 a share of all; none: logging_steps", interval),
        .init("save_strategy", \.saveStrategy, "when a checkpoint is saved"),
        .init("save_steps", \.saveSteps, "updates between; below 1 a share of all", interval),
        .init("save_total_limit", \.saveTotalLimit, "keeps only the newest so many checkpoints, and the best"),
        .init("load_best_model_at_end", \.loadBestModelAtEnd, "goes back to the best checkpoint after training"),
        .init("metric_for_best_model", \.metricForBestModel, "says which is best; none: the loss"),
        .init("greater_is_better", \.greaterIsBetter, "none: true, unless the metric is a loss"),
        .init("disable_tqdm", \.disableTqdm, "shows no progress bar"),
    ]

    private static let notNegative = Bound<Double>("0 or more, and finite") { $0 >= 0 && $0.isFinite }
    private static let decay = Bound<Double>("at least 0 and below 1") { (0..<1).contains($0) }
    private static let interval = Bound<Double>("more than 0, and finite") { $0 > 0 && $0 <= 1e15 }

    // MARK: Derived

    /// Number of warm-up updates among `total`.
    func warmupStepCount(of total: Int) -> Int {
        if warmupSteps >= 1 { return Int(warmupSteps) }
        return Int((Double(total) * (warmupSteps == 0 ? warmupRatio : warmupSteps)).rounded(.up))
    }

    /// An interval in updates: a number of them, or a share of `total`.
    static func interval(_ steps: Double, of total: Int) -> Int {
        max(1, steps < 1 ? Int((Double(total) * steps).rounded(.up)) : Int(steps))
    }
}

extension BatchSamplers: OptionChoice {}
extension MultiDatasetBatchSamplers: OptionChoice {}
