import Foundation
import SentenceEmbeddings
import Training

/// Runs several evaluators and merges their metrics, with `sequential_score`: the last one's primary metric, or
/// whatever `mainScore` makes of all.
public struct SequentialEvaluator: Evaluator {
    /// The evaluators, in their order.
    public let evaluators: [any Evaluator<SentenceTransformer>]
    /// Makes one number of the evaluators' primary values.
    public let mainScore: @Sendable ([Double]) -> Double
    public var name: String { "" }

    /// Several evaluators; the last one's primary value counts unless `mainScore` says otherwise.
    public init(_ evaluators: [any Evaluator<SentenceTransformer>], mainScore: @escaping @Sendable ([Double]) -> Double = { $0.last ?? 0 })
    {
        self.evaluators = evaluators
        self.mainScore = mainScore
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        var names: [String] = []
        for evaluator in evaluators {
            guard let own = evaluator.metricNames(for: model) else { return nil }
            names += own.filter { !names.contains($0) }
        }
        return names + ["sequential_score"]
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let model = model.rememberingEmbeddings()
        let results = try evaluators.map { try $0(model, outputPath: outputPath, epoch: epoch, steps: steps) }
        var metrics: [(key: String, value: Double)] = []
        for metric in results.flatMap(\.metrics) {
            if let i = metrics.firstIndex(where: { $0.key == metric.key }) {
                metrics[i] = metric
            } else {
                metrics.append(metric)
            }
        }
        metrics.append(("sequential_score", mainScore(results.map(\.primaryValue))))
        let intervals = results.reduce(into: [:]) { all, result in all.merge(result.intervals) { $1 } }
        var result = EvaluationResult(metrics: metrics, primaryMetric: "sequential_score", intervals: intervals)
        result.parts = results.flatMap(\.parts)
        return result
    }
}
