import Tables

/// What a run is about, for model cards and reports.
public struct TrainingRun: Sendable {
    /// A dataset and what it is trained with.
    public struct Task: Sendable {
        /// The dataset's name; empty where there is one dataset.
        public let name: String
        /// Its rows of the first epoch.
        public let dataset: Dataset
        /// The objective's name.
        public let objective: String
        /// The objective's options.
        public let configuration: [(key: String, value: String)]
        /// BibTeX.
        public let citation: String?

        init(_ task: TrainingTask<some TrainableModel>) {
            (name, dataset) = (task.name, task.dataset)
            (objective, configuration, citation) = (task.objective.name, task.objective.configuration, task.objective.citation)
        }
    }

    /// The datasets and their objectives.
    public let tasks: [Task]
    /// The datasets whose loss is evaluated.
    public let evalTasks: [Task]
    /// The run's arguments.
    public let arguments: TrainingArguments
    /// Steps, log and best metric.
    public let state: TrainerState
    /// What the evaluator found last; nil: nothing so far.
    public let evaluation: EvaluationResult?
    /// What the run took of energy; nil: nobody measures it.
    public let emissions: CarbonEmissions?

    init<Model>(
        _ tasks: [TrainingTask<Model>], _ evalTasks: [TrainingTask<Model>], _ arguments: TrainingArguments, _ state: TrainerState,
        _ evaluation: EvaluationResult?, _ emissions: CarbonEmissions?
    ) {
        (self.tasks, self.evalTasks) = (tasks.map { Task($0) }, evalTasks.map { Task($0) })
        (self.arguments, self.state, self.evaluation, self.emissions) = (arguments, state, evaluation, emissions)
    }
}

extension Trainer {
    /// The run as it is now.
    public var record: TrainingRun { TrainingRun(tasks, evalTasks, arguments, state, lastEvaluation, emissions) }

    /// What one of the callbacks has measured.
    var emissions: CarbonEmissions? { callbacks.lazy.compactMap { ($0 as? any EmissionsCallback)?.emissions }.first }
}
