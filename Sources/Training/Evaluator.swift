import Foundation

/// Measures a model.
public protocol Evaluator<Model>: Sendable {
    /// What it measures.
    associatedtype Model

    /// Goes in front of the metrics' names and into file names; may be empty.
    var name: String { get }

    /// The names that its metrics will have, so that a misspelt one is refused before hours of training; nil where they
    /// are not known beforehand.
    func metricNames(for model: Model) -> [String]?

    /// - Parameters:
    ///   - model: What is measured.
    ///   - outputPath: A folder for CSV files; one row is appended at each call. Nil writes none.
    ///   - epoch: How far training is; −1 outside of it.
    ///   - steps: Updates so far; −1 when not within an epoch.
    /// - Throws: When a file cannot be written.
    func callAsFunction(_ model: Model, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult
}

extension Evaluator {
    public func metricNames(for model: Model) -> [String]? { nil }

    /// The metrics of a model, outside of training and without files.
    public func callAsFunction(_ model: Model) throws -> EvaluationResult {
        try self(model, outputPath: nil, epoch: -1, steps: -1)
    }

    /// Puts the evaluator's name in front of the metrics'.
    package func named(
        _ metrics: [(key: String, value: Double)], intervals: [EvaluationResult.Interval] = [], primary: String
    ) -> EvaluationResult {
        var result = EvaluationResult(
            metrics: metrics.map { (named($0.key), $0.value) }, primaryMetric: named(primary),
            intervals: Dictionary(uniqueKeysWithValues: zip(metrics.map { named($0.key) }, intervals)))
        result.parts = [.init(evaluator: String(describing: Self.self), name: name, metrics: metrics, primaryMetric: primary)]
        return result
    }

    package func named(_ metrics: [String]) -> [String] { metrics.map(named) }

    private func named(_ metric: String) -> String { name.isEmpty ? metric : "\(name)_\(metric)" }
}

/// Metrics in the order in which the evaluator has them.
public struct EvaluationResult: Sendable {
    /// What one of several evaluators found.
    public struct Part: Sendable {
        /// The evaluator's type.
        public let evaluator: String
        /// What it calls its data; may be empty.
        public let name: String
        /// Names and values, without the name of the data before them.
        public let metrics: [(key: String, value: Double)]
        /// The one that sums up.
        public let primaryMetric: String
    }

    /// By evaluator, for reports; empty where that is not known.
    public package(set) var parts: [Part] = []
    /// Names and values.
    public let metrics: [(key: String, value: Double)]
    /// The one that sums up; larger is better.
    public let primaryMetric: String

    /// From the lower to the upper end.
    public typealias Interval = (lower: Double, upper: Double)

    /// The 95 % interval of each metric by its name, where the evaluator was asked for them.
    public let intervals: [String: Interval]

    /// Metrics, one of which is the primary one.
    ///
    /// - Parameters:
    ///   - metrics: Names and values.
    ///   - primaryMetric: The name of the one that sums up.
    ///   - intervals: Of the metrics, as far as they are known.
    public init(metrics: [(key: String, value: Double)], primaryMetric: String, intervals: [String: Interval] = [:]) {
        self.metrics = metrics
        self.primaryMetric = primaryMetric
        self.intervals = intervals
    }

    /// The value of a metric; nil where there is none of this name.
    public subscript(key: String) -> Double? { metrics.first { $0.key == key }?.value }

    /// The value of the primary metric.
    public var primaryValue: Double { self[primaryMetric] ?? .nan }
}
