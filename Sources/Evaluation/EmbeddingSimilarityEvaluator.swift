import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Tables
import Training

/// How well similarities of embeddings agree with scores that people gave: Pearson and Spearman correlations.
///
/// Metrics `pearson_<function>`, `spearman_<function>`; with several functions also `pearson_max`, `spearman_max`.
public struct EmbeddingSimilarityEvaluator: ConfidenceEvaluator {
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
    /// In which precision embeddings, divided by their lengths, are compared; nil: as they are.
    public var precision: EmbeddingPrecision?
    public var confidence = false
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Pairs and their scores. Traps where they differ in number.
    public init(
        sentences1: [String], sentences2: [String], scores: [Double], name: String = "", batchSize: Int = 16,
        mainSimilarity: SimilarityFunction? = nil, similarityFunctions: [SimilarityFunction] = [],
        precision: EmbeddingPrecision? = nil, truncateDimension: Int? = nil, writesCSV: Bool = true
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
        self.precision = precision
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
            sentences1: Array(dataset.columns[0].texts), sentences2: Array(dataset.columns[1].texts), scores: labels.values,
            name: name, batchSize: batchSize)
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        named(metricKeys(model.similarityFunctions(similarityFunctions, main: mainSimilarity)))
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let functions = model.similarityFunctions(similarityFunctions, main: mainSimilarity)
        let (a, b) = try embeddings(by: model)
        let similarities = functions.map { $0.pairwise(a, b).values }
        let figures = Self.figures(similarities, scores)
        if let outputPath, writesCSV {
            let file = ResultsFile(
                "similarity_evaluation", of: [name, precision?.rawValue ?? ""].filter { !$0.isEmpty }.joined(separator: "_"),
                columns: functions.flatMap { ["\($0.rawValue)_pearson", "\($0.rawValue)_spearman"] })
            try file.append(Array(figures.prefix(2 * functions.count)), epoch: epoch, steps: steps, in: outputPath)
        }
        let primary =
            mainSimilarity.map { "spearman_\($0.rawValue)" }
            ?? (functions.count > 1 ? "spearman_max" : "spearman_\(functions[0].rawValue)")
        let intervals =
            confidence
            ? Bootstrap.intervals(rowCount: scores.count) { rows in
                Self.figures(similarities.map { all in rows.map { all[$0] } }, rows.map { scores[$0] })
            } : []
        return named(
            zip(metricKeys(functions), figures).map { (key: $0, value: $1) }, intervals: intervals, primary: primary)
    }

    /// Both lists are calibrated together; of the binary kinds the bits are compared.
    private func embeddings(by model: SentenceTransformer) throws -> (Tensor, Tensor) {
        let (a, b) = model.encodeTogether(sentences1, sentences2, batchSize: batchSize, truncateDimension: truncateDimension)
        guard let precision else { return (a, b) }
        let both = Tensor.concatenating([a, b]).normalized()
        let stored: Tensor
        switch precision {
        case .float32: stored = both
        case .int8, .uint8:
            guard both.shape[0] > 1 else {
                throw EvaluationError("\(precision.rawValue) needs embeddings to calibrate on; there is no pair")
            }
            stored = precision.quantized(both)
        case .binary, .ubinary: stored = (both .> Tensor(0, dtype: both.dtype)).cast(to: .float32)
        }
        return (stored.sliced(0..<a.shape[0]), stored.sliced(a.shape[0]..<both.shape[0]))
    }

    /// Pearson's and Spearman's correlation for each function, and the largest of each where there are several.
    private static func figures(_ similarities: [[Double]], _ scores: [Double]) -> [Double] {
        let pairs = similarities.map { (Correlation.pearson($0, scores), Correlation.spearman($0, scores)) }
        let largest = pairs.count > 1 ? [pairs.map(\.0).max()!, pairs.map(\.1).max()!] : []
        return pairs.flatMap { [$0.0, $0.1] } + largest
    }

    private func metricKeys(_ functions: [SimilarityFunction]) -> [String] {
        (functions.map(\.rawValue) + (functions.count > 1 ? ["max"] : [])).flatMap { ["pearson_\($0)", "spearman_\($0)"] }
    }
}
