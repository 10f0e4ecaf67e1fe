import Foundation
import JSON

/// Where training stands, and what it has logged: the content of `trainer_state.json`.
public struct TrainerState: Sendable {
    /// One entry of the log: keys and numbers, in order.
    public struct LogEntry: Sendable {
        public let step: Int
        public let values: [(key: String, value: Double)]

        public subscript(key: String) -> Double? { values.first { $0.key == key }?.value }
    }

    /// Updates done, and how many there will be.
    public internal(set) var globalStep = 0
    public internal(set) var maxSteps = 0
    /// Epochs done, in fractions.
    public internal(set) var epoch = 0.0
    public internal(set) var logHistory: [LogEntry] = []
    public internal(set) var bestMetric: Double?
    public internal(set) var bestGlobalStep: Int?
    public internal(set) var bestModelCheckpoint: String?
    /// Whether somebody asked training to stop before its end.
    public internal(set) var wasInterrupted = false

    /// Values of one key over the steps: the loss curve, the learning rate, a metric.
    public func curve(_ key: String) -> [(step: Int, value: Double)] {
        logHistory.compactMap { entry in entry[key].map { (entry.step, $0) } }
    }

    func json(_ arguments: TrainingArguments, evalSteps: Int, loggingSteps: Int, saveSteps: Int) -> JSONObject {
        func number(_ value: Double?) -> JSONValue {
            guard let value else { return .null }
            return value.isFinite ? .real(value) : .string("\(value)")
        }
        let history = logHistory.map { entry in
            var object = JSONObject()
            for (key, value) in entry.values { object[key] = number(value) }
            object["step"] = .integer(entry.step)
            return JSONValue.object(object)
        }
        var object = JSONObject()
        object["best_global_step"] = bestGlobalStep.map { .integer($0) } ?? .null
        object["best_metric"] = number(bestMetric)
        object["best_model_checkpoint"] = bestModelCheckpoint.map { .string($0) } ?? .null
        object["epoch"] = number(epoch)
        object["eval_steps"] = .integer(evalSteps)
        object["global_step"] = .integer(globalStep)
        object["is_hyper_param_search"] = .bool(false)
        object["is_local_process_zero"] = .bool(true)
        object["is_world_process_zero"] = .bool(true)
        object["log_history"] = .array(history)
        object["logging_steps"] = .integer(loggingSteps)
        object["max_steps"] = .integer(maxSteps)
        object["num_input_tokens_seen"] = .integer(0)
        object["num_train_epochs"] = .integer(Int(arguments.numTrainEpochs.rounded(.up)))
        object["save_steps"] = .integer(saveSteps)
        object["stateful_callbacks"] = .object(JSONObject())
        object["total_flos"] = .real(0)
        object["train_batch_size"] = .integer(arguments.perDeviceTrainBatchSize)
        object["trial_name"] = .null
        object["trial_params"] = .null
        return object
    }
}
