import JSON
import ModelFiles

/// Stops a run when the metric for the best model has not become better over so many evaluations in a row.
///
/// Needs `metric_for_best_model`, or `load_best_model_at_end`, which takes the loss. Its count is part of checkpoints.
public final class EarlyStoppingCallback: StatefulTrainerCallback {
    /// Evaluations without improvement after which training stops.
    public let patience: Int
    /// By how much more than this a metric has to be better, to count as an improvement.
    public let threshold: Double
    private var counter = 0

    /// - Parameters:
    ///   - patience: Evaluations without improvement after which training stops; 1 or more.
    ///   - threshold: By how much more than this a metric has to be better; 0 or more.
    /// - Throws: ``TrainingArgumentError`` for others.
    public init(patience: Int = 1, threshold: Double = 0) throws {
        guard patience >= 1 else { throw TrainingArgumentError("early_stopping_patience must be 1 or more, not \(patience)") }
        guard threshold >= 0, threshold.isFinite else {
            throw TrainingArgumentError("early_stopping_threshold must be 0 or more, not \(threshold)")
        }
        (self.patience, self.threshold) = (patience, threshold)
    }

    public func prepare(for arguments: TrainingArguments) throws {
        guard arguments.evalStrategy != .no else {
            throw TrainingArgumentError("early stopping needs evaluations; eval_strategy is \"no\"")
        }
        guard arguments.bestMetricName != nil else {
            throw TrainingArgumentError("early stopping needs metric_for_best_model, or load_best_model_at_end")
        }
    }

    public func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]) {
        guard let name = context.arguments.bestMetricName, let value = metrics.first(where: { $0.key == name })?.value else { return }
        let gain = context.state.bestMetric.map { context.arguments.isGreaterBetter ? value - $0 : $0 - value }
        // The best so far does not hold this value yet.
        counter = value.isFinite && gain.map({ $0 > threshold }) ?? true ? 0 : counter + 1
        if counter >= patience { control.shouldTrainingStop = true }
    }

    public var stateArguments: JSONObject {
        ["early_stopping_patience": .integer(patience), "early_stopping_threshold": .real(threshold)]
    }

    public var stateAttributes: JSONObject { ["early_stopping_patience_counter": .integer(counter)] }

    public func restore(_ attributes: inout JSONFields) throws {
        counter = try attributes.requiredInteger("early_stopping_patience_counter", in: 0 ... .max)
    }
}
