import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How well the similarity of two sentences tells whether they belong together.
///
/// For each function `<function>_accuracy`, `_accuracy_threshold`, `_f1`, `_f1_threshold`, `_precision`, `_recall`, `_ap`,
/// `_mcc`; with several functions also `max_…` of each.
public struct BinaryClassificationEvaluator: ConfidenceEvaluator {
    /// The pairs.
    public let sentences1, sentences2: [String]
    /// Whether the two of each pair belong together.
    public let labels: [Bool]
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// Empty: the model's.
    public var similarityFunctions: [SimilarityFunction]
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Pairs and whether they belong together. Traps where they differ in number.
    public init(
        sentences1: [String], sentences2: [String], labels: [Bool], name: String = "", batchSize: Int = 32,
        similarityFunctions: [SimilarityFunction] = [], truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        require(
            sentences1.count == sentences2.count && sentences1.count == labels.count,
            "BinaryClassificationEvaluator: \(sentences1.count), \(sentences2.count) sentences, \(labels.count) labels")
        (self.sentences1, self.sentences2, self.labels) = (sentences1, sentences2, labels)
        (self.name, self.batchSize, self.similarityFunctions) = (name, batchSize, similarityFunctions)
        (self.truncateDimension, self.writesCSV) = (truncateDimension, writesCSV)
    }

    /// Takes the first two text columns and the labels of a dataset.
    ///
    /// - Throws: `DatasetError` when there are not two text columns and a column of labels 0 and 1.
    public init(_ dataset: Dataset, name: String = "", batchSize: Int = 32) throws {
        let labels = try dataset.labelsOfPairs(called: "label", for: "evaluation of a binary classification")
        try dataset.requireTexts(for: "evaluation of a binary classification")
        try dataset.requireClasses(below: 2, for: "evaluation of a binary classification")
        self.init(
            sentences1: Array(dataset.columns[0].texts), sentences2: Array(dataset.columns[1].texts),
            labels: labels.values.map { $0 == 1 }, name: name, batchSize: batchSize)
    }

    private static let metrics: [(name: String, value: @Sendable (BinaryClassificationMetrics) -> Double)] = [
        ("accuracy", { $0.accuracy }), ("accuracy_threshold", { Double($0.accuracyThreshold) }),
        ("f1", { $0.f1 }), ("f1_threshold", { Double($0.f1Threshold) }),
        ("precision", { $0.precision }), ("recall", { $0.recall }), ("ap", { $0.averagePrecision }), ("mcc", { $0.matthewsCorrelation }),
    ]
    /// The order of the file's columns is another one.
    private static let fileOrder = ["accuracy", "accuracy_threshold", "f1", "precision", "recall", "f1_threshold", "ap", "mcc"]

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        named(metricKeys(model.similarityFunctions(similarityFunctions, main: nil)))
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let functions = model.similarityFunctions(similarityFunctions, main: nil)
        let (a, b) = model.encodeTogether(sentences1, sentences2, batchSize: batchSize, truncateDimension: truncateDimension)
        let scores = functions.map { function in
            function.pairwise(a, b).values.map { Float(Self.isDistance(function) ? -$0 : $0) }
        }
        let figures = Self.figures(functions, scores, labels)
        let metrics = zip(metricKeys(functions), figures).map { (key: $0, value: $1) }
        func value(_ function: String, _ name: String) -> Double { metrics.first { $0.key == "\(function)_\(name)" }!.value }
        if let outputPath, writesCSV {
            let columns = functions.flatMap { function in Self.fileOrder.map { (function.rawValue, $0) } }
            let file = ResultsFile("binary_classification_evaluation", of: name, columns: columns.map { "\($0)_\($1)" })
            try file.append(columns.map(value), epoch: epoch, steps: steps, in: outputPath)
        }
        let intervals =
            confidence
            ? Bootstrap.intervals(rowCount: labels.count) { rows in
                Self.figures(functions, scores.map { all in rows.map { all[$0] } }, rows.map { labels[$0] })
            } : []
        return named(metrics, intervals: intervals, primary: functions.count > 1 ? "max_ap" : "\(functions[0].rawValue)_ap")
    }

    private static func isDistance(_ function: SimilarityFunction) -> Bool { function == .manhattan || function == .euclidean }

    /// All metrics for each function, and the largest of each where there are several.
    private static func figures(_ functions: [SimilarityFunction], _ scores: [[Float]], _ labels: [Bool]) -> [Double] {
        let all = zip(functions, scores).map { function, scores in
            let found = BinaryClassificationMetrics(scores: scores, labels: labels, higherIsSimilar: !isDistance(function))
            return metrics.map { $0.value(found) }
        }
        let largest = all.count > 1 ? metrics.indices.map { metric in all.map { $0[metric] }.max()! } : []
        return all.flatMap { $0 } + largest
    }

    private func metricKeys(_ functions: [SimilarityFunction]) -> [String] {
        (functions.map(\.rawValue) + (functions.count > 1 ? ["max"] : [])).flatMap { f in Self.metrics.map { "\(f)_\($0.name)" } }
    }
}
