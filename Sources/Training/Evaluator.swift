import Foundation

/// Measures a model.
public protocol Evaluator<Model>: Sendable {
    associatedtype Model

    /// Goes in front of the metrics' names and into file names; may be empty.
    var name: String { get }

    /// - Parameters:
    ///   - outputPath: A folder for CSV files; one row is appended at each call. Nil writes none.
    ///   - epoch: How far training is; −1 outside of it.
    ///   - steps: Updates so far; −1 when not within an epoch.
    /// - Throws: When a file cannot be written.
    func callAsFunction(_ model: Model, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult
}

extension Evaluator {
    public func callAsFunction(_ model: Model) throws -> EvaluationResult {
        try self(model, outputPath: nil, epoch: -1, steps: -1)
    }

    /// Puts the evaluator's name in front of the metrics'.
    package func named(_ metrics: [(key: String, value: Double)], primary: String) -> EvaluationResult {
        let prefix = name.isEmpty ? "" : name + "_"
        return EvaluationResult(metrics: metrics.map { (prefix + $0.key, $0.value) }, primaryMetric: prefix + primary)
    }
}

/// Metrics in the order in which the evaluator has them.
public struct EvaluationResult: Sendable {
    public let metrics: [(key: String, value: Double)]
    /// The one that sums up; larger is better.
    public let primaryMetric: String

    public init(metrics: [(key: String, value: Double)], primaryMetric: String) {
        self.metrics = metrics
        self.primaryMetric = primaryMetric
    }

    public subscript(key: String) -> Double? { metrics.first { $0.key == key }?.value }

    public var primaryValue: Double { self[primaryMetric] ?? .nan }
}
