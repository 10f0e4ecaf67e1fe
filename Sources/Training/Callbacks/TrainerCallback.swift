/// What callbacks may ask for; log, evaluation and save are reset at each new step.
public struct TrainerControl: Sendable, Equatable {
    public var shouldTrainingStop = false
    public var shouldEpochStop = false
    public var shouldLog = false
    public var shouldEvaluate = false
    public var shouldSave = false

    public init() {}

    /// Forgets what one step asked for.
    mutating func forgetRequests() { (shouldLog, shouldEvaluate, shouldSave) = (false, false, false) }
}

/// What callbacks see of a training run.
public struct TrainerContext: Sendable {
    public let arguments: TrainingArguments
    public let state: TrainerState
    public let model: any TrainableModel
    /// Rows that are in the updates so far, over all epochs.
    public let rowsSeen: Int
    /// Rows of all updates there will be, as far as one can tell.
    public let rowsInTotal: Int
    /// Loss and learning rate of the last update; NaN before the first.
    public let lastLoss: Double
    /// The named parts of the last loss, if it has any.
    public let lastComponents: [(name: String, value: Double)]
    public let lastLearningRate: Double
}

/// Takes part in training: it is told of events and may ask for things.
public protocol TrainerCallback: AnyObject {
    func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    func onEpochBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)])
    func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)])
    func onSave(_ context: TrainerContext, _ control: inout TrainerControl)
}

extension TrainerCallback {
    public func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onEpochBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {}
    public func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]) {}
    public func onSave(_ context: TrainerContext, _ control: inout TrainerControl) {}
}
