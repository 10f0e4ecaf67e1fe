import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How well similarities of embeddings agree with scores that people gave: Pearson and Spearman correlations.
///
/// Metrics `pearson_<function>`, `spearman_<function>`; with several functions also `pearson_max`, `spearman_max`.
public struct EmbeddingSimilarityEvaluator: Evaluator {
    /// The pairs.
    public let sentences1, sentences2: [String]
    /// How alike the two of each pair are.
    public let scores: [Double]
    public var name: String
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// The one whose metric is primary; nil: the model's, or the highest of several.
    public var mainSimilarity: SimilarityFunction?
    /// Empty: the main one, or the model's.
    public var similarityFunctions: [SimilarityFunction]
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Pairs and their scores. Traps where they differ in number.
    public init(
        sentences1: [String], sentences2: [String], scores: [Double], name: String = "", batchSize: Int = 16,
        mainSimilarity: SimilarityFunction? = nil, similarityFunctions: [SimilarityFunction] = [],
        truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        require(
            sentences1.count == sentences2.count && sentences1.count == scores.count,
            "EmbeddingSimilarityEvaluator: \(sentences1.count), \(sentences2.count) sentences, \(scores.count) scores")
        self.sentences1 = sentences1
        self.sentences2 = sentences2
        self.scores = scores
        self.name = name
        self.batchSize = batchSize
        self.mainSimilarity = mainSimilarity
        self.similarityFunctions = similarityFunctions
        self.truncateDimension = truncateDimension
        self.writesCSV = writesCSV
    }

    /// Takes the first two text columns and the scores of a dataset.
    ///
    /// - Throws: `DatasetError` when there are not two text columns and a label column, one number a row.
    public init(_ dataset: Dataset, name: String = "", batchSize: Int = 16) throws {
        let labels = try dataset.labelsOfPairs(called: "score", for: "evaluation of similarity")
        guard labels.values.count == dataset.rowCount else {
            throw DatasetError(
                "evaluation of similarity takes one number a row as score, found lists of shape \(labels.rowShape)",
                source: dataset.source, column: labels.name)
        }
        try dataset.requireTexts(for: "evaluation of similarity")
        self.init(
            sentences1: dataset.columns[0].texts, sentences2: dataset.columns[1].texts, scores: labels.values,
            name: name, batchSize: batchSize)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        let functions = model.similarityFunctions(similarityFunctions, main: mainSimilarity).map(\.rawValue)
        let all = functions + (functions.count > 1 ? ["max"] : [])
        return named(all.flatMap { ["pearson_\($0)", "spearman_\($0)"] })
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let functions = model.similarityFunctions(similarityFunctions, main: mainSimilarity)
        let (a, b) = model.encodeTogether(sentences1, sentences2, batchSize: batchSize, truncateDimension: truncateDimension)
        let correlations = functions.map { function in
            let similarities = function.pairwise(a, b).values
            return (function, Correlation.pearson(similarities, scores), Correlation.spearman(similarities, scores))
        }
        var metrics: [(key: String, value: Double)] = correlations.flatMap { function, pearson, spearman in
            [("pearson_\(function.rawValue)", pearson), ("spearman_\(function.rawValue)", spearman)]
        }
        if functions.count > 1 {
            metrics.append(("pearson_max", correlations.map(\.1).max()!))
            metrics.append(("spearman_max", correlations.map(\.2).max()!))
        }
        if let outputPath, writesCSV {
            let file = ResultsFile(
                "similarity_evaluation", of: name,
                columns: functions.flatMap { ["\($0.rawValue)_pearson", "\($0.rawValue)_spearman"] })
            try file.append(correlations.flatMap { [$0.1, $0.2] }, epoch: epoch, steps: steps, in: outputPath)
        }
        let primary =
            mainSimilarity.map { "spearman_\($0.rawValue)" }
            ?? (functions.count > 1 ? "spearman_max" : "spearman_\(functions[0].rawValue)")
        return named(metrics, primary: primary)
    }
}
