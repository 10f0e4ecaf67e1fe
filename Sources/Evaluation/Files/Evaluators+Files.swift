import Foundation
import JSON
import Tables

extension InformationRetrievalEvaluator {
    /// Reads a folder as BEIR writes it: `corpus.jsonl` (`_id`, `title`, `text`), `queries.jsonl` (`_id`, `text`), and
    /// `qrels.tsv`, or `qrels/test.tsv` (`query-id`, `corpus-id`, `score`; a score above 0 is relevant).
    ///
    /// Title and text of a document are joined by a space. Queries without a relevant document are left out.
    ///
    /// - Throws: ``EvaluationError`` or `DatasetError` with file, line and key.
    public init(folder: URL, name: String = "", cutoffs: Cutoffs = Cutoffs(), batchSize: Int = 32) throws {
        let judgments = try ["qrels.tsv", "qrels/test.tsv"].map(folder.appendingPathComponent)
            .first { FileManager.default.fileExists(atPath: $0.path) }
            .map { try Dataset(contentsOf: $0, inputs: ["query-id", "corpus-id", "score"]) }
        guard let judgments else { throw EvaluationError("\(folder.path): there is neither qrels.tsv nor qrels/test.tsv") }
        var relevant: [String: Set<String>] = [:]
        let (queryIDs, documentIDs) = (Array(judgments.columns[0].texts), Array(judgments.columns[1].texts))
        for (row, score) in try judgments.numbers(columns: ["score"]).values.enumerated() where score > 0 {
            relevant[queryIDs[row], default: []].insert(documentIDs[row])
        }
        let queries = try Self.texts(folder.appendingPathComponent("queries.jsonl"), keys: ["text"])
        let corpus = try Self.texts(folder.appendingPathComponent("corpus.jsonl"), keys: ["title", "text"])
        guard queries.contains(where: { relevant[$0.id] != nil }) else {
            throw EvaluationError("\(folder.path): no query of queries.jsonl has a relevant document in \(judgments.source ?? "qrels.tsv")")
        }
        self.init(queries: queries, corpus: corpus, relevantDocuments: relevant, name: name, cutoffs: cutoffs, batchSize: batchSize)
    }

    /// - Parameter keys: Whose texts are joined by a space; those that are missing or empty are left out.
    private static func texts(_ url: URL, keys: [String]) throws -> [(id: String, text: String)] {
        var seen: Set<String> = []
        return try JSONLines.nodes(of: url).map { line in
            let id = try line.required("_id").string()
            guard seen.insert(id).inserted else { throw line.error("the id \(id) comes twice") }
            let texts = try keys.compactMap { try line.present($0)?.string() }.filter { !$0.isEmpty }
            return (id, texts.joined(separator: " "))
        }
    }
}

extension RerankingEvaluator {
    /// Reads JSON Lines of `query`, `positive` and `negative`, a text or a list of texts each.
    ///
    /// - Throws: ``EvaluationError`` with file, line and key.
    public init(jsonLines url: URL, name: String = "", atK: Int = 10, batchSize: Int = 64) throws {
        let samples = try JSONLines.nodes(of: url).map { line in
            func texts(_ key: String) throws -> [String] {
                let node = try line.required(key)
                if case .string(let text) = node.value { return [text] }
                return try node.strings()
            }
            return Sample(query: try line.required("query").string(), positive: try texts("positive"), negative: try texts("negative"))
        }
        guard samples.contains(where: { !$0.positive.isEmpty && !$0.negative.isEmpty }) else {
            throw EvaluationError("\(url.path): no query has both positives and negatives")
        }
        self.init(samples: samples, name: name, atK: atK, batchSize: batchSize)
    }
}

extension ParaphraseMiningEvaluator {
    /// Reads a folder of `sentences.tsv` (an id and a text a row) and `duplicates.tsv` (two ids a row).
    ///
    /// - Throws: ``EvaluationError`` or `DatasetError` with file, row and column.
    public init(folder: URL, name: String = "", batchSize: Int = 16) throws {
        func rows(_ file: String) throws -> [(String, String)] {
            let table = try Dataset(contentsOf: folder.appendingPathComponent(file))
            guard table.columns.count == 2, table.labels == nil else {
                throw EvaluationError("\(folder.path)/\(file): expected two columns, found \(table.columnNames.joined(separator: ", "))")
            }
            return Array(zip(Array(table.columns[0].texts), Array(table.columns[1].texts)))
        }
        let sentences = try rows("sentences.tsv").map { (id: $0, text: $1) }
        let duplicates = try rows("duplicates.tsv")
        var seen: Set<String> = []
        if let (id, _) = sentences.first(where: { !seen.insert($0.id).inserted }) {
            throw EvaluationError("\(folder.path)/sentences.tsv: the id \(id) comes twice")
        }
        guard duplicates.contains(where: { $0 != $1 && seen.contains($0) && seen.contains($1) }) else {
            throw EvaluationError("\(folder.path)/duplicates.tsv: no row names two different sentences of sentences.tsv")
        }
        self.init(sentences: sentences, duplicates: duplicates, name: name, batchSize: batchSize)
    }
}
