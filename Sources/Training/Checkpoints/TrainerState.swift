import Foundation
import JSON
import ModelFiles

/// Where training stands, and what it has logged: the content of `trainer_state.json`.
public struct TrainerState: Sendable {
    /// One entry of the log: keys and numbers, in order.
    public struct LogEntry: Sendable {
        /// Updates so far.
        public let step: Int
        /// Names and values, in their order.
        public let values: [(key: String, value: Double)]

        /// The value of a name; nil where the entry has none.
        public subscript(key: String) -> Double? { values.first { $0.key == key }?.value }
    }

    /// Updates done, and how many there will be.
    public internal(set) var globalStep = 0
    /// Updates of the whole run.
    public internal(set) var maxSteps = 0
    /// Epochs done, in fractions.
    public internal(set) var epoch = 0.0
    /// All log entries, first to last.
    public internal(set) var logHistory: [LogEntry] = []
    /// The best value of the metric for the best model.
    public internal(set) var bestMetric: Double?
    /// The update after which it was measured.
    public internal(set) var bestGlobalStep: Int?
    /// The path of the best checkpoint.
    public internal(set) var bestModelCheckpoint: String?
    /// Whether somebody asked training to stop before its end.
    public internal(set) var wasInterrupted = false

    init() {}

    /// Values of one key over the steps: the loss curve, the learning rate, a metric.
    public func curve(_ key: String) -> [(step: Int, value: Double)] {
        logHistory.compactMap { entry in entry[key].map { (entry.step, $0) } }
    }

    /// All but `wasInterrupted`, in the field's keys.
    var json: JSONObject {
        [
            "best_global_step": bestGlobalStep.map { .integer($0) } ?? .null,
            "best_metric": .finite(bestMetric),
            "best_model_checkpoint": bestModelCheckpoint.map { .string($0) } ?? .null,
            "epoch": .finite(epoch),
            "global_step": .integer(globalStep),
            "log_history": .array(
                logHistory.map { entry in
                    .object(JSONObject(members: entry.values.map { ($0.key, .finite($0.value)) } + [("step", .integer(entry.step))]))
                }),
            "max_steps": .integer(maxSteps),
        ]
    }

    /// Takes what `json` wrote; a value that was not finite, which JSON cannot say, is NaN from here on.
    init(_ fields: inout JSONFields) throws {
        let counts = 0...Int.max
        globalStep = try fields.requiredInteger("global_step", in: counts)
        maxSteps = try fields.requiredInteger("max_steps", in: counts)
        bestGlobalStep = try fields.integer("best_global_step", in: counts)
        bestModelCheckpoint = try fields.string("best_model_checkpoint")
        bestMetric = fields.take("best_metric")?.doubleValue
        epoch = fields.take("epoch")?.doubleValue ?? 0
        guard case .array(let entries)? = fields.take("log_history") else {
            throw fields.error("log_history", "a list was expected")
        }
        logHistory = try entries.map { entry in
            guard case .object(let object) = entry, case .integer(let step)? = object["step"] else {
                throw fields.error("log_history", "an entry is no object with a step")
            }
            let values = object.members.filter { $0.key != "step" }
            return LogEntry(step: step, values: values.map { ($0.key, $0.value.doubleValue ?? .nan) })
        }
    }

    /// The content of `trainer_state.json`.
    func file(
        _ arguments: TrainingArguments, _ intervals: DefaultFlowCallback.Intervals, control: TrainerControl,
        callbacks: [any StatefulTrainerCallback]
    ) -> JSONObject {
        var object = json
        object["eval_steps"] = .integer(intervals.evaluation)
        object["is_hyper_param_search"] = .bool(false)
        object["is_local_process_zero"] = .bool(true)
        object["is_world_process_zero"] = .bool(true)
        object["logging_steps"] = .integer(intervals.logging)
        object["num_input_tokens_seen"] = .integer(0)
        object["num_train_epochs"] = .integer(Int(arguments.numTrainEpochs.rounded(.up)))
        object["save_steps"] = .integer(intervals.saving)
        let states = callbacks.map {
            ($0.stateName, JSONValue.object(["args": .object($0.stateArguments), "attributes": .object($0.stateAttributes)]))
        }
        object["stateful_callbacks"] = .object(
            JSONObject(members: [("TrainerControl", ["args": control.json, "attributes": [:]])] + states))
        object["total_flos"] = .real(0)
        object["train_batch_size"] = .integer(arguments.perDeviceTrainBatchSize)
        object["trial_name"] = .null
        object["trial_params"] = .null
        return object
    }
}
