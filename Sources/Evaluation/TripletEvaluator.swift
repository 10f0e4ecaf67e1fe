import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How often an anchor is closer to its positive than to its negative: `<function>_accuracy`, with several functions
/// also `max_accuracy`.
public struct TripletEvaluator: ConfidenceEvaluator {
    /// The triplets.
    public let anchors, positives, negatives: [String]
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// The one whose metric is primary; nil: the model's, or the highest of several.
    public var mainSimilarity: SimilarityFunction?
    /// Empty: the main one, or the model's.
    public var similarityFunctions: [SimilarityFunction]
    /// How much closer it has to be, for each function; zero where it is missing.
    public var margin: [SimilarityFunction: Double]
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Triplets. Traps where the three differ in number.
    public init(
        anchors: [String], positives: [String], negatives: [String], name: String = "", batchSize: Int = 16,
        mainSimilarity: SimilarityFunction? = nil, similarityFunctions: [SimilarityFunction] = [],
        margin: [SimilarityFunction: Double] = [:], truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        require(
            anchors.count == positives.count && anchors.count == negatives.count,
            "TripletEvaluator: \(anchors.count) anchors, \(positives.count) positives, \(negatives.count) negatives")
        self.anchors = anchors
        self.positives = positives
        self.negatives = negatives
        self.name = name
        self.batchSize = batchSize
        self.mainSimilarity = mainSimilarity
        self.similarityFunctions = similarityFunctions
        self.margin = margin
        self.truncateDimension = truncateDimension
        self.writesCSV = writesCSV
    }

    /// Takes the three text columns of a dataset.
    ///
    /// - Throws: `DatasetError` when there are not three, or when they hold no texts.
    public init(_ dataset: Dataset, name: String = "", batchSize: Int = 16) throws {
        try dataset.requireTexts("three", ["anchor", "positive", "negative"], for: "evaluation of triplets")
        self.init(
            anchors: Array(dataset.columns[0].texts), positives: Array(dataset.columns[1].texts),
            negatives: Array(dataset.columns[2].texts), name: name, batchSize: batchSize)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        let functions = model.similarityFunctions(similarityFunctions, main: mainSimilarity)
        return named(functions.map { "\($0.rawValue)_accuracy" } + (functions.count > 1 ? ["max_accuracy"] : []))
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let functions = model.similarityFunctions(similarityFunctions, main: mainSimilarity)
        let (a, both) = model.encode(
            queries: anchors, documents: positives + negatives, batchSize: batchSize, truncateDimension: truncateDimension)
        let (p, n) = (both.sliced(0..<anchors.count), both.sliced(anchors.count..<2 * anchors.count))
        // 1 for each anchor that is closer to its positive.
        let won = functions.map { function in
            zip(function.pairwise(a, p).values, function.pairwise(a, n).values).map { $0 > $1 + (margin[function] ?? 0) ? 1.0 : 0 }
        }
        let accuracies = won.map { $0.reduce(0, +) / Double(max(1, anchors.count)) }
        var metrics = zip(functions, accuracies).map { (key: "\($0.rawValue)_accuracy", value: $1) }
        if functions.count > 1 { metrics.append(("max_accuracy", accuracies.max()!)) }
        if let outputPath, writesCSV {
            let file = ResultsFile("triplet_evaluation", of: name, columns: functions.map { "accuracy_\($0.rawValue)" })
            try file.append(accuracies, epoch: epoch, steps: steps, in: outputPath)
        }
        let primary =
            mainSimilarity.map { "\($0.rawValue)_accuracy" }
            ?? (functions.count > 1 ? "max_accuracy" : "\(functions[0].rawValue)_accuracy")
        let intervals =
            confidence && !anchors.isEmpty
            ? Bootstrap.intervals(rowCount: anchors.count) { rows in
                let means = won.map { $0.mean(of: rows) }
                return means + (means.count > 1 ? [means.max()!] : [])
            } : []
        return named(metrics, intervals: intervals, primary: primary)
    }
}
