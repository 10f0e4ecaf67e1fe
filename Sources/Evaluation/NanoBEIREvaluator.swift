import Foundation
import Hub
import SentenceEmbeddings
import Tables
import Training

/// Retrieval on several small datasets, and what they make together: the NanoBEIR collection, or folders of the same kind.
///
/// Each dataset's metrics under its name, `NanoMSMARCO_cosine_ndcg@10` …, then their mean, `NanoBEIR_mean_cosine_ndcg@10` ….
public struct NanoBEIREvaluator: Evaluator {
    /// The collection's names for its datasets, by the names that people ask for them.
    public static let datasetNames = [
        "climatefever": "ClimateFEVER", "dbpedia": "DBPedia", "fever": "FEVER", "fiqa2018": "FiQA2018", "hotpotqa": "HotpotQA",
        "msmarco": "MSMARCO", "nfcorpus": "NFCorpus", "nq": "NQ", "quoraretrieval": "QuoraRetrieval", "scidocs": "SCIDOCS",
        "arguana": "ArguAna", "scifact": "SciFact", "touche2020": "Touche2020",
    ]

    /// One for each dataset; its name goes before its metrics.
    public let evaluators: [InformationRetrievalEvaluator]
    /// What makes one number of the datasets', and what it is called: the mean.
    public var aggregate: (key: String, function: @Sendable ([Double]) -> Double) = ("mean", { $0.reduce(0, +) / Double($0.count) })
    /// Keeps the first so many numbers; nil: what the model says.
    public let truncateDimension: Int?
    /// Whether it appends its metrics to a file, as each of the datasets' evaluators does.
    public var writesCSV = true

    public var name: String { ["NanoBEIR", aggregate.key, truncateDimension.map(String.init)].compactMap { $0 }.joined(separator: "_") }

    /// Evaluators of the datasets, named as their metrics shall be.
    ///
    /// - Parameters:
    ///   - evaluators: At least one; all with the same cutoffs.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    /// - Throws: ``EvaluationError`` where there is none, or two have one name.
    public init(_ evaluators: [InformationRetrievalEvaluator], truncateDimension: Int? = nil) throws {
        guard !evaluators.isEmpty else { throw EvaluationError("NanoBEIREvaluator: needs at least one dataset") }
        var seen = Set<String>()
        if let twice = evaluators.first(where: { !seen.insert($0.name).inserted }) {
            throw EvaluationError("NanoBEIREvaluator: two datasets are called \(twice.name)")
        }
        guard Set(evaluators.map(\.cutoffs.all)).count == 1 else {
            throw EvaluationError("NanoBEIREvaluator: all datasets need the same cutoffs")
        }
        self.truncateDimension = truncateDimension
        self.evaluators = evaluators.map { evaluator in
            var own = evaluator
            own.truncateDimension = truncateDimension
            if let truncateDimension { own.name += "_\(truncateDimension)" }
            return own
        }
    }

    /// Reads a folder that has a folder for each dataset, `NanoMSMARCO` …, as BEIR writes them.
    ///
    /// - Parameters:
    ///   - folder: What holds the folders.
    ///   - datasetNames: Such as `msmarco`, in any case; nil: all that have a folder.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    ///   - batchSize: Texts that are embedded together.
    /// - Throws: ``EvaluationError`` for a name that the collection does not have, or a folder that is not there, and as
    ///   `InformationRetrievalEvaluator(folder:)`.
    public init(folder: URL, datasetNames: [String]? = nil, truncateDimension: Int? = nil, batchSize: Int = 32) throws {
        let wanted = try Self.names(datasetNames)
        let found = wanted.filter { FileManager.default.fileExists(atPath: folder.appendingPathComponent($0).path) }
        if let missing = wanted.first(where: { !found.contains($0) }), datasetNames != nil || found.isEmpty {
            throw EvaluationError("\(folder.path): there is no folder \(missing)")
        }
        try self.init(
            found.map { try InformationRetrievalEvaluator(folder: folder.appendingPathComponent($0), name: $0, batchSize: batchSize) },
            truncateDimension: truncateDimension)
    }

    /// Reads the collection, or another one of its layout, from the hub: subsets `corpus` and `queries` (`_id`, `text`) and `qrels`
    /// (`query-id`, `corpus-id`), each with a split for every dataset, `NanoMSMARCO` …. Rows without a text are left out.
    ///
    /// - Parameters:
    ///   - datasetID: `owner/name`.
    ///   - datasetNames: Such as `msmarco`, in any case; nil: all thirteen.
    ///   - truncateDimension: Keeps the first so many numbers; nil: what the model says.
    ///   - batchSize: Texts that are embedded together.
    ///   - client: Asks the hub; nil: one with the usual settings.
    /// - Throws: ``EvaluationError`` for a name that the collection does not have, `HubError` and `DatasetError` as `loadDataset` does.
    public init(
        datasetID: String = "sentence-transformers/NanoBEIR-en", datasetNames: [String]? = nil, truncateDimension: Int? = nil,
        batchSize: Int = 32, client: HubClient? = nil
    ) throws {
        let client = try client ?? HubClient(HubSettings())
        try self.init(
            Self.names(datasetNames).map { name in
                func rows(_ subset: String, _ columns: [String]) throws -> Dataset {
                    try client.loadDataset(datasetID, subset, split: name).selectColumns(columns)
                }
                func texts(_ subset: String) throws -> [(id: String, text: String)] {
                    let rows = try rows(subset, ["_id", "text"])
                    return zip(rows.columns[0].texts, rows.columns[1].texts).filter { !$1.isEmpty }.map { (id: $0, text: $1) }
                }
                let judgments = try rows("qrels", ["query-id", "corpus-id"])
                let (queries, documents) = (judgments.columns[0], judgments.columns[1])
                var relevant: [String: Set<String>] = [:]
                for row in 0..<judgments.rowCount {
                    relevant[queries.texts[row], default: []]
                        .formUnion(documents.kind == .textLists ? documents.textLists[row] : [documents.texts[row]])
                }
                return try InformationRetrievalEvaluator(
                    queries: texts("queries"), corpus: texts("corpus"), relevantDocuments: relevant, name: name, batchSize: batchSize)
            }, truncateDimension: truncateDimension)
    }

    /// Datasets' names as they are written in folders and splits.
    private static func names(_ asked: [String]?) throws -> [String] {
        let known = datasetNames.keys.sorted()
        return try (asked ?? known).map { name in
            guard let own = datasetNames[name.lowercased()] else {
                throw EvaluationError("NanoBEIREvaluator: there is no dataset \(name); there are \(known.joined(separator: ", "))")
            }
            return "Nano" + own
        }
    }

    public func metricNames(for model: SentenceTransformer) -> [String]? {
        evaluators.flatMap { $0.metricNames(for: model) ?? [] } + named(evaluators[0].unnamedMetrics(for: model))
    }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let results = try evaluators.map { evaluator in
            var own = evaluator
            own.writesCSV = writesCSV && evaluator.writesCSV
            return try own(model, outputPath: outputPath, epoch: epoch, steps: steps)
        }
        let keys = evaluators[0].unnamedMetrics(for: model)
        let together = keys.indices.map { metric in (key: keys[metric], value: aggregate.function(results.map { $0.metrics[metric].value }))
        }
        func value(_ key: String) -> Double { together.first { $0.key == key }!.value }
        if let outputPath, writesCSV {
            try evaluators[0].writeResults(
                "NanoBEIR_evaluation", of: [aggregate.key, truncateDimension.map(String.init)].compactMap { $0 }.joined(separator: "_"),
                evaluators[0].functions(of: model), { value("\($0.rawValue)_\($1)") }, epoch: epoch, steps: steps, in: outputPath)
        }
        let main = evaluators[0].primaryMetric(of: evaluators[0].functions(of: model), value)
        let aggregates = named(together, primary: main)
        return EvaluationResult(metrics: results.flatMap(\.metrics) + aggregates.metrics, primaryMetric: aggregates.primaryMetric)
    }
}
