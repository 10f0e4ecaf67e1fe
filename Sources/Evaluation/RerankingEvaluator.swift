import Autodiff
import Foundation
import Requirements
import SentenceEmbeddings
import Training

/// How well a model puts the relevant ones first among the candidates of a query: `map`, `mrr@k`, `ndcg@k`, means over the
/// queries.
public struct RerankingEvaluator: ConfidenceEvaluator {
    /// A query and its candidates.
    public struct Sample: Sendable {
        /// The query.
        public var query: String
        /// Candidates that are relevant, and those that are not.
        public var positive, negative: [String]

        /// A query and its candidates.
        public init(query: String, positive: [String], negative: [String]) {
            (self.query, self.positive, self.negative) = (query, positive, negative)
        }
    }

    /// Those with candidates of both kinds.
    public let samples: [Sample]
    public var name: String
    /// Up to which rank MRR and nDCG look.
    public var atK: Int
    /// Texts that are embedded together.
    public var batchSize: Int
    /// By what candidates are ranked.
    public var similarity: SimilarityFunction
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Queries and their candidates. Samples without a positive or without a negative are left out; traps where none is left.
    public init(
        samples: [Sample], name: String = "", atK: Int = 10, batchSize: Int = 64, similarity: SimilarityFunction = .cosine,
        truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        self.samples = samples.filter { !$0.positive.isEmpty && !$0.negative.isEmpty }
        require(!self.samples.isEmpty && atK > 0, "RerankingEvaluator: no sample has both positives and negatives, or k is 0")
        (self.name, self.atK, self.batchSize, self.similarity) = (name, atK, batchSize, similarity)
        (self.truncateDimension, self.writesCSV) = (truncateDimension, writesCSV)
    }

    private var metrics: [String] { ["map", "mrr@\(atK)", "ndcg@\(atK)"] }

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(metrics) }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let (queries, documents) = model.encode(
            queries: samples.map(\.query), documents: samples.flatMap { $0.positive + $0.negative }, batchSize: batchSize,
            truncateDimension: truncateDimension)
        var start = 0
        // The three figures of each sample.
        var figures: [[Double]] = []
        for (row, sample) in samples.enumerated() {
            let count = sample.positive.count + sample.negative.count
            let scores = similarity.matrix(queries.sliced(row..<row + 1), documents.sliced(start..<start + count)).values.map { Float($0) }
            start += count
            figures.append(Self.figures(scores, positives: sample.positive.count, at: atK))
        }
        func means(of rows: some Collection<Int>) -> [Double] {
            metrics.indices.map { metric in rows.reduce(0) { $0 + figures[$1][metric] } / Double(rows.count) }
        }
        let all = means(of: samples.indices)
        if let outputPath, writesCSV {
            let file = ResultsFile(
                name: "\(ResultsFile.stem("RerankingEvaluator", of: name))_results_@\(atK).csv",
                columns: ["MAP", "MRR@\(atK)", "NDCG@\(atK)"])
            try file.append(all, epoch: epoch, steps: steps, in: outputPath)
        }
        return named(
            zip(metrics, all).map { (key: $0, value: $1) },
            intervals: confidence ? Bootstrap.intervals(rowCount: samples.count) { means(of: $0) } : [], primary: metrics[2])
    }

    /// Average precision, reciprocal rank and nDCG of one query.
    ///
    /// - Parameter scores: Those of the positives first. Equal ones keep their order, in nDCG they share their ranks.
    static func figures(_ scores: [Float], positives: Int, at k: Int) -> [Double] {
        let labels = scores.indices.map { $0 < positives }
        let order = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
        return [
            BinaryClassificationMetrics(scores: scores, labels: labels).averagePrecision,
            RankingMetrics(isRelevant: order.map { labels[$0] }, relevantCount: positives).reciprocalRank(at: k),
            RankingMetrics.nDCG(gains: labels.map { $0 ? 1 : 0 }, scores: scores, at: k),
        ]
    }
}
