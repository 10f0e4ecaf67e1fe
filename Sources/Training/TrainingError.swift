import Autodiff

/// Why training stopped before its end.
public enum TrainingError: Error, CustomStringConvertible, Sendable {
    /// A loss or gradient that is not a number, or not finite.
    case notFinite(step: Int, loss: Double, gradientNorm: Double, anomaly: Anomaly?, place: String?, keptModel: String?)
    /// The output folder exists, or cannot be written.
    case output(path: String, reason: String)
    /// A checkpoint that this run cannot go on from.
    case checkpoint(path: String, reason: String)
    /// Evaluation was asked for, but there is nothing to evaluate.
    case nothingToEvaluate
    /// No parameter would change.
    case nothingToTrain(String)
    /// A parameter, in words, is in no group of the optimizer that was given.
    case notInOptimizer(String)
    /// Two tasks, or two evaluation tasks, of one name.
    case taskName(String)
    /// The optimizer that was given changes a parameter that is neither the model's nor an objective's.
    case foreignParameter(String)
    /// The metric for the best model is not among those that evaluation gives.
    case unknownMetric(String, available: [String])

    public var description: String {
        switch self {
        case .notFinite(let step, let loss, let norm, let anomaly, let place, let kept):
            let what =
                !loss.isFinite
                ? "the loss is \(loss.isNaN ? .nan : loss)"
                : norm.isFinite ? "a gradient of the loss's own parameters is not finite" : "the gradient's norm is \(norm.magnitude)"
            let cause = anomaly.map { "; \($0)\(place.map { " (\($0))" } ?? "")" } ?? ""
            let model = kept.map { "; the model as it was before this step is in \($0)" } ?? ""
            return "step \(step): \(what)\(cause)\(model)"
        case .output(let path, let reason), .checkpoint(let path, let reason):
            return "\(path): \(reason)"
        case .nothingToTrain(let reason):
            return "nothing would be trained: \(reason)"
        case .notInOptimizer(let name):
            return "\(name) is in no group of the optimizer; add it to one, or set isTrainable to false"
        case .taskName(let name):
            return name.isEmpty
                ? "several datasets need a name each, by which logs and metrics tell them apart"
                : "two datasets are called \(name); give each a name of its own"
        case .foreignParameter(let name):
            return "the optimizer changes \(name), a parameter of neither the model nor the objectives; make one for this model"
        case .nothingToEvaluate:
            return "eval_strategy asks for evaluation, but there is neither an evaluation dataset nor an evaluator"
        case .unknownMetric(let name, let available):
            return "metric_for_best_model: there is no metric \(name); evaluation gives \(available.joined(separator: ", "))"
        }
    }
}
