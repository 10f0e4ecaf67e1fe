import Optimizers
import Sampling
import Tables

/// When something is done during training.
public enum IntervalStrategy: String, Sendable, CaseIterable {
    case no, steps, epoch
}

/// Everything that training can be told, with the field's names and defaults.
///
/// In Swift the names are in camel case; in YAML files, on the command line and on disk they are those that
/// Sentence Transformers users know: `per_device_train_batch_size`.
public struct TrainingArguments: Sendable, Equatable {
    // MARK: Optimization

    /// Root of checkpoints and of `eval/`.
    public var outputDir = "trainer_output"
    public var numTrainEpochs = 3.0
    /// More than zero: the number of updates, whatever the epochs.
    public var maxSteps = -1
    public var perDeviceTrainBatchSize = 8
    public var perDeviceEvalBatchSize = 8
    /// Batches whose gradients are averaged to one update.
    public var gradientAccumulationSteps = 1
    public var learningRate = 5e-5
    public var lrSchedulerType = SchedulerType.linear
    /// Updates over which the learning rate rises from zero; below 1 a share of all updates.
    public var warmupSteps = 0.0
    /// A share of all updates; counts where `warmupSteps` is zero.
    public var warmupRatio = 0.0
    public var weightDecay = 0.0
    public var adamBeta1 = 0.9
    public var adamBeta2 = 0.999
    public var adamEpsilon = 1e-8
    /// Largest global norm of the gradients; zero: no limit.
    public var maxGradNorm = 1.0

    // MARK: Data

    public var seed: UInt64 = 42
    /// Seed of the batch sampler; nil: `seed`.
    public var dataSeed: UInt64?
    public var batchSampler = BatchSamplers.batchSampler
    /// How the batches of several datasets follow each other.
    public var multiDatasetBatchSampler = MultiDatasetBatchSamplers.proportional
    /// Leaves out the last, smaller batch of an epoch.
    public var dataloaderDropLast = false

    // MARK: Logging, evaluation, saving

    public var loggingStrategy = IntervalStrategy.steps
    public var loggingSteps = 500.0
    public var loggingFirstStep = false
    public var evalStrategy = IntervalStrategy.no
    /// Nil: `loggingSteps`. Below 1 a share of all updates; so it is for all three intervals.
    public var evalSteps: Double?
    public var saveStrategy = IntervalStrategy.steps
    public var saveSteps = 500.0
    /// Keeps only the newest so many checkpoints (and the best); nil: all.
    public var saveTotalLimit: Int?
    /// Goes back to the best checkpoint after training.
    public var loadBestModelAtEnd = false
    /// The metric that says which is best; nil: the loss.
    public var metricForBestModel: String?
    /// Nil: true, unless the metric is a loss.
    public var greaterIsBetter: Bool?
    /// Shows no progress bar.
    public var disableTqdm = false

    public init() {}

    /// The usual few; all others are properties.
    public init(
        outputDir: String = "trainer_output", numTrainEpochs: Double = 3, perDeviceTrainBatchSize: Int = 8,
        learningRate: Double = 5e-5, warmupRatio: Double = 0, seed: UInt64 = 42,
        _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) {
        self.outputDir = outputDir
        self.numTrainEpochs = numTrainEpochs
        self.perDeviceTrainBatchSize = perDeviceTrainBatchSize
        self.learningRate = learningRate
        self.warmupRatio = warmupRatio
        self.seed = seed
        configure(&self)
    }

    // MARK: Derived

    /// Number of warm-up updates among `total`.
    func warmupStepCount(of total: Int) -> Int {
        let steps = warmupSteps == 0 ? warmupRatio : warmupSteps
        return steps < 1 ? Int((Double(total) * steps).rounded(.up)) : Int(steps)
    }

    /// An interval in updates: a number of them, or a share of `total`.
    static func interval(_ steps: Double, of total: Int) -> Int {
        max(1, steps < 1 ? Int((Double(total) * steps).rounded(.up)) : Int(steps))
    }
}
