import Autodiff
import Foundation
import JSON
import Requirements
import SentenceEmbeddings
import Training

/// How well a model finds the relevant documents of queries in a corpus.
///
/// For each function `<function>_accuracy@k`, `_precision@k`, `_recall@k`, `_ndcg@k`, `_mrr@k`, `_map@k`, means over the
/// queries. Documents are ranked by score, equal ones by their ids, so the size of a chunk changes nothing.
public struct InformationRetrievalEvaluator: ConfidenceEvaluator {
    /// Up to which ranks each metric looks.
    public struct Cutoffs: Sendable {
        /// Ranks, counted from 1.
        public var accuracy, precisionRecall, nDCG, mrr, map: [Int]

        /// The usual ranks. Traps where one is not positive, or nDCG has none.
        public init(
            accuracy: [Int] = [1, 3, 5, 10], precisionRecall: [Int] = [1, 3, 5, 10], nDCG: [Int] = [10], mrr: [Int] = [10],
            map: [Int] = [100]
        ) {
            (self.accuracy, self.precisionRecall, self.nDCG, self.mrr, self.map) = (accuracy, precisionRecall, nDCG, mrr, map)
            require(!nDCG.isEmpty && all.allSatisfy { $0 > 0 }, "InformationRetrievalEvaluator: ranks count from 1, and nDCG needs one")
        }

        var all: [Int] { accuracy + precisionRecall + nDCG + mrr + map }
    }

    /// Ids and texts of the queries that have a relevant document, in their order.
    public let queries: [(id: String, text: String)]
    /// Ids and texts of the documents, by id.
    public let corpus: [(id: String, text: String)]
    /// The relevant documents of a query.
    public let relevantDocuments: [String: Set<String>]
    public var name: String
    /// Up to which ranks each metric looks.
    public var cutoffs: Cutoffs
    /// Documents whose scores are in memory at once.
    public var corpusChunkSize = 50_000
    /// Texts that are embedded together.
    public var batchSize: Int
    /// Put before each query or document, in place of the model's own prompts.
    public var queryPrompt, corpusPrompt: String?
    /// Empty: the model's.
    public var similarityFunctions: [SimilarityFunction] = []
    /// The one whose metric is primary; nil: the one with the highest nDCG.
    public var mainSimilarity: SimilarityFunction?
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    public var confidence = false
    /// Whether it appends its metrics to a file, and writes what it found for each query.
    public var writesCSV = true, writesPredictions = false

    /// Queries, documents, and which belong together.
    ///
    /// - Parameters:
    ///   - queries: Ids and texts; those without a relevant document are left out. Traps where none is left.
    ///   - corpus: Ids and texts. Traps where an id comes twice.
    ///   - relevantDocuments: Ids of documents by the id of a query.
    ///   - name: Goes in front of the metrics' names.
    ///   - cutoffs: Up to which ranks each metric looks.
    ///   - batchSize: Texts that are embedded together.
    public init(
        queries: [(id: String, text: String)], corpus: [(id: String, text: String)], relevantDocuments: [String: Set<String>],
        name: String = "", cutoffs: Cutoffs = Cutoffs(), batchSize: Int = 32
    ) {
        self.queries = queries.filter { relevantDocuments[$0.id]?.isEmpty == false }
        // By code points, as the original orders ids.
        self.corpus = corpus.sorted { $0.id.utf8.lexicographicallyPrecedes($1.id.utf8) }
        require(
            zip(self.corpus, self.corpus.dropFirst()).allSatisfy { $0.id != $1.id },
            "InformationRetrievalEvaluator: two documents have the same id")
        require(!self.queries.isEmpty, "InformationRetrievalEvaluator: no query has a relevant document")
        (self.relevantDocuments, self.name, self.cutoffs, self.batchSize) = (relevantDocuments, name, cutoffs, batchSize)
    }

    private typealias Metric = (name: String, fileName: String, value: @Sendable (RankingMetrics) -> Double)

    /// In the order of the keys.
    private var metrics: [Metric] {
        func at(_ ks: [Int], _ name: String, _ fileName: String, _ value: @escaping @Sendable (RankingMetrics, Int) -> Double) -> [Metric] {
            ks.map { k in ("\(name)@\(k)", "\(fileName)@\(k)", { value($0, k) }) }
        }
        return at(cutoffs.accuracy, "accuracy", "Accuracy") { $0.accuracy(at: $1) }
            + at(cutoffs.precisionRecall, "precision", "Precision") { $0.precision(at: $1) }
            + at(cutoffs.precisionRecall, "recall", "Recall") { $0.recall(at: $1) }
            + at(cutoffs.nDCG, "ndcg", "NDCG") { $0.nDCG(at: $1) }
            + at(cutoffs.mrr, "mrr", "MRR") { $0.reciprocalRank(at: $1) }
            + at(cutoffs.map, "map", "MAP") { $0.averagePrecision(at: $1) }
    }

    /// The order of the file's columns is another one.
    private var fileOrder: [String] {
        cutoffs.accuracy.map { "accuracy@\($0)" } + cutoffs.precisionRecall.flatMap { ["precision@\($0)", "recall@\($0)"] }
            + cutoffs.mrr.map { "mrr@\($0)" } + cutoffs.nDCG.map { "ndcg@\($0)" } + cutoffs.map.map { "map@\($0)" }
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(unnamedMetrics(for: model)) }

    func unnamedMetrics(for model: SentenceTransformer) -> [String] {
        functions(of: model).flatMap { f in metrics.map { "\(f.rawValue)_\($0.name)" } }
    }

    func functions(of model: SentenceTransformer) -> [SimilarityFunction] { model.similarityFunctions(similarityFunctions, main: nil) }

    /// The nDCG up to the last rank, by the main function, or the one with the highest.
    func primaryMetric(of functions: [SimilarityFunction], _ value: (String) -> Double) -> String {
        func name(_ function: SimilarityFunction) -> String { "\(function.rawValue)_ndcg@\(cutoffs.nDCG.max()!)" }
        return name(mainSimilarity ?? functions.max { value(name($0)) < value(name($1)) }!)
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let functions = functions(of: model)
        let rankings = rank(by: model, functions)
        // A row of numbers, one a query, for each function and metric.
        var rows: [(key: String, values: [Double])] = []
        for (function, rankings) in zip(functions, rankings) {
            let found = zip(queries, rankings).map { query, ranking in
                let relevant = relevantDocuments[query.id]!
                return RankingMetrics(isRelevant: ranking.map { relevant.contains(corpus[$0.document].id) }, relevantCount: relevant.count)
            }
            rows += metrics.map { metric in ("\(function.rawValue)_\(metric.name)", found.map(metric.value)) }
        }
        let results = rows.map { (key: $0.key, value: $0.values.mean(of: $0.values.indices)) }
        func value(_ key: String) -> Double { results.first { $0.key == key }!.value }
        if let outputPath {
            if writesCSV {
                try writeResults(
                    "Information-Retrieval_evaluation", of: name, functions, { value("\($0.rawValue)_\($1)") }, epoch: epoch, steps: steps,
                    in: outputPath)
            }
            if writesPredictions { try writePredictions(functions, rankings, in: outputPath) }
        }
        let intervals = confidence ? Bootstrap.intervals(rowCount: queries.count) { drawn in rows.map { $0.values.mean(of: drawn) } } : []
        return named(results, intervals: intervals, primary: primaryMetric(of: functions, value))
    }

    // MARK: Ranking

    private typealias Ranked = (document: Int, score: Float)

    /// For each function the best documents of each query.
    private func rank(by model: SentenceTransformer, _ functions: [SimilarityFunction]) -> [[[Ranked]]] {
        let depth = cutoffs.all.max()!
        let asked = queries.map(\.text)
        let queryEmbeddings =
            queryPrompt.map { prompt in
                model.encode(asked, prompt: prompt, batchSize: batchSize, truncateDimension: truncateDimension)
            } ?? model.encodeQuery(asked, batchSize: batchSize, truncateDimension: truncateDimension)
        var rankings = [[[Ranked]]](repeating: [[Ranked]](repeating: [], count: queries.count), count: functions.count)
        for start in stride(from: 0, to: corpus.count, by: corpusChunkSize) {
            let texts = corpus[start..<min(start + corpusChunkSize, corpus.count)].map(\.text)
            let documents =
                corpusPrompt.map { prompt in
                    model.encode(texts, prompt: prompt, batchSize: batchSize, truncateDimension: truncateDimension)
                } ?? model.encodeDocument(texts, batchSize: batchSize, truncateDimension: truncateDimension)
            for (f, function) in functions.enumerated() {
                rankings[f] = zip(rankings[f], best(depth, of: function, queryEmbeddings, documents, from: start)).map { kept, new in
                    Array((kept + new).sorted(by: Self.precedes).prefix(depth))
                }
            }
        }
        return rankings
    }

    private func best(_ depth: Int, of function: SimilarityFunction, _ queries: Tensor, _ documents: Tensor, from start: Int) -> [[Ranked]]
    {
        let (rows, columns) = (queries.shape[0], documents.shape[0])
        // So many scores are in memory at once.
        let blockSize = max(1, (1 << 22) / columns)
        return stride(from: 0, to: rows, by: blockSize).flatMap { first in
            let matrix = function.matrix(queries.sliced(first..<min(first + blockSize, rows)), documents)
            // Of equal scores the first document comes first.
            let (scores, places) = matrix.topK(min(depth, columns))
            let found = zip(places.values, scores.values).map { (document: start + Int($0), score: Float($1)) }
            let width = scores.shape[1]
            return stride(from: 0, to: found.count, by: width).map { Array(found[$0..<$0 + width]) }
        }
    }

    /// Documents are numbered in the order of their ids.
    private static func precedes(_ a: Ranked, _ b: Ranked) -> Bool {
        a.score != b.score ? a.score > b.score : a.document < b.document
    }

    // MARK: Files

    /// - Parameters:
    ///   - kind: What the file's name begins with.
    ///   - evaluator: What follows it.
    func writeResults(
        _ kind: String, of evaluator: String, _ functions: [SimilarityFunction], _ value: (SimilarityFunction, String) -> Double,
        epoch: Double, steps: Int, in folder: URL
    ) throws {
        let columns = functions.sorted { $0.rawValue < $1.rawValue }.flatMap { function in fileOrder.map { (function, $0) } }
        let file = ResultsFile(
            kind, of: evaluator,
            columns: columns.map { function, name in "\(function.rawValue)-\(metrics.first { $0.name == name }!.fileName)" }, lineEnd: "\n")
        try file.append(columns.map(value), epoch: epoch, steps: steps, in: folder)
    }

    /// One file a function, one line a query, written anew each time.
    private func writePredictions(_ functions: [SimilarityFunction], _ rankings: [[[Ranked]]], in folder: URL) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (function, rankings) in zip(functions, rankings) {
            let lines = zip(queries, rankings).map { query, ranking in
                let results = ranking.map {
                    JSONValue.object(["corpus_id": .string(corpus[$0.document].id), "score": .real(Double($0.score))])
                }
                let line: JSONObject = ["query_id": .string(query.id), "query": .string(query.text), "results": .array(results)]
                return JSONValue.object(line).serialized(.compact) + "\n"
            }
            let file = "\(ResultsFile.stem("Information-Retrieval_evaluation", of: name))_predictions_\(function.rawValue).jsonl"
            try Data(lines.joined().utf8).write(to: folder.appendingPathComponent(file), options: .atomic)
        }
    }
}
