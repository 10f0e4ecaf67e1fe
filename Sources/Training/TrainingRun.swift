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
    /// The run's arguments.
    public let arguments: TrainingArguments
    /// Steps, log and best metric.
    public let state: TrainerState
}

extension Trainer {
    /// The run as it is now.
    public var record: TrainingRun { TrainingRun(tasks: tasks.map { TrainingRun.Task($0) }, arguments: arguments, state: state) }
}
