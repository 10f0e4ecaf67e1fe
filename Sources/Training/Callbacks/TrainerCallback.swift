import JSON

/// What callbacks may ask for; log, evaluation and save are reset at each new step.
public struct TrainerControl: Sendable, Equatable {
    /// Ends training after this step.
    public var shouldTrainingStop = false
    /// Ends the epoch after this step.
    public var shouldEpochStop = false
    /// Logs after this step.
    public var shouldLog = false
    /// Evaluates after this step.
    public var shouldEvaluate = false
    /// Saves a checkpoint after this step.
    public var shouldSave = false

    /// Asks for nothing.
    public init() {}

    /// By the field's keys.
    var json: JSONValue {
        [
            "should_epoch_stop": .bool(shouldEpochStop), "should_evaluate": .bool(shouldEvaluate), "should_log": .bool(shouldLog),
            "should_save": .bool(shouldSave), "should_training_stop": .bool(shouldTrainingStop),
        ]
    }

    /// Forgets what one step asked for.
    mutating func forgetRequests() { (shouldLog, shouldEvaluate, shouldSave) = (false, false, false) }
}

/// What callbacks see of a training run.
public struct TrainerContext: Sendable {
    /// The run's arguments.
    public let arguments: TrainingArguments
    /// Steps, log and best metric.
    public let state: TrainerState
    /// The model that trains.
    public let model: any TrainableModel
    /// Rows that are in the updates so far, over all epochs.
    public let rowsSeen: Int
    /// Rows of all updates there will be, as far as one can tell.
    public let rowsInTotal: Int
    /// Loss and learning rate of the last update; NaN before the first.
    public let lastLoss: Double
    /// The named parts of the last loss, if it has any.
    public let lastComponents: [(name: String, value: Double)]
    /// The learning rate of the last update; NaN before the first.
    public let lastLearningRate: Double
    /// How the embeddings of the batch before the last log entry lie; nil where the objective has none.
    public let geometry: EmbeddingGeometry?
    let makeRecord: @Sendable () -> TrainingRun
    /// The run as it is now, for model cards.
    public var record: TrainingRun { makeRecord() }
}

/// Takes part in training: it is told of events and may ask for things.
public protocol TrainerCallback: AnyObject {
    /// Makes ready for a run, or says no to one that it cannot take part in, before the first step.
    ///
    /// - Throws: ``TrainingArgumentError``.
    func prepare(for arguments: TrainingArguments) throws
    /// Before the first step.
    func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After the last step.
    func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    /// Before the first step of an epoch.
    func onEpochBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After the last step of an epoch.
    func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    /// Before an update.
    func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After each batch of an accumulated update but the last.
    func onSubstepEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    /// Once the gradients of an update are there and finite, before they change the parameters.
    func onPreOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After the parameters have changed.
    func onOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After an update, before log, evaluation and save.
    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After each batch of an evaluation.
    func onPredictionStep(_ context: TrainerContext, _ control: inout TrainerControl)
    /// After a log entry.
    func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)])
    /// After an evaluation.
    func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)])
    /// After a checkpoint was saved.
    func onSave(_ context: TrainerContext, _ control: inout TrainerControl)
}

/// A callback that does what `push_to_hub` asks for.
public protocol HubUploading: TrainerCallback {}

extension TrainerCallback {
    public func prepare(for arguments: TrainingArguments) throws {}
    public func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onEpochBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onStepBegin(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onSubstepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onPreOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onOptimizerStep(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onPredictionStep(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {}
    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {}
    public func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]) {}
    public func onSave(_ context: TrainerContext, _ control: inout TrainerControl) {}
}
