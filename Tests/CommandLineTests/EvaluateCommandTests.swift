import Foundation
import Tapestry
import Testing

/// `tapestry evaluate`: every kind of file gives the metrics that its evaluator gives, for people and as JSON.
struct EvaluateCommandTests {
    let tool: CommandLineTool
    private static let texts = ["A cat sits.", "The cat is sitting.", "It rains.", "Rain falls.", "A dog runs.", "A running dog."]

    init() throws {
        tool = try CommandLineTool()
        let t = Self.texts
        func table(_ header: String, _ rows: [[String]]) -> String {
            ([header] + rows.map { $0.joined(separator: ",") }).joined(separator: "\n") + "\n"
        }
        let pairs = [(0, 1), (2, 3), (4, 5), (0, 3), (2, 5), (4, 1)]
        try tool.write("sts.csv", table("a,b,score", pairs.enumerated().map { [t[$1.0], t[$1.1], "\(1 - Double($0) / 10)"] }))
        try tool.write("binary.csv", table("a,b,label", pairs.enumerated().map { [t[$1.0], t[$1.1], $0 < 3 ? "1" : "0"] }))
        try tool.write("triplets.csv", table("a,p,n", [[t[0], t[1], t[2]], [t[2], t[3], t[4]], [t[4], t[5], t[0]]]))
        try tool.write("parallel.csv", table("source,target", [[t[0], t[1]], [t[2], t[3]], [t[4], t[5]]]))
        try tool.write(
            "reranking.jsonl", #"{"query": "A cat sits.", "positive": ["The cat is sitting."], "negative": ["Rain falls.", "A dog runs."]}"#
        )
        for folder in ["retrieval", "mining"] {
            try FileManager.default.createDirectory(at: tool.folder.appendingPathComponent(folder), withIntermediateDirectories: true)
        }
        func lines(_ ids: String, _ texts: [String]) -> String {
            texts.enumerated().map { #"{"_id": "\#(ids)\#($0)", "text": "\#($1)"}"# + "\n" }.joined()
        }
        try tool.write("retrieval/corpus.jsonl", lines("d", [t[1], t[3], t[5]]))
        try tool.write("retrieval/queries.jsonl", lines("q", [t[0], t[2], t[4]]))
        try tool.write("retrieval/qrels.tsv", "query-id\tcorpus-id\tscore\nq0\td0\t1\nq1\td1\t1\n")
        try tool.write("mining/sentences.tsv", "id\tsentence\n" + t.enumerated().map { "s\($0)\t\($1)\n" }.joined())
        try tool.write("mining/duplicates.tsv", "qid1\tqid2\ns0\ts1\ns2\ts3\ns4\ts5\n")
    }

    private func evaluate(_ arguments: [String]) throws -> CommandLineTool.Result {
        try tool.run(["evaluate", "--model", CommandLineTool.fixtureModel.path] + arguments)
    }

    @Test(arguments: [
        ("--sts", "sts.csv", "spearman_cosine"), ("--binary", "binary.csv", "cosine_ap"), ("--triplets", "triplets.csv", "cosine_accuracy"),
        ("--translation", "parallel.csv", "mean_accuracy"), ("--reranking", "reranking.jsonl", "ndcg@10"),
        ("--information-retrieval", "retrieval", "cosine_ndcg@10"), ("--paraphrase-mining", "mining", "average_precision"),
        ("--mse", "parallel.csv", "negative_mse"),
    ]) func everyKindGivesItsMetrics(_ option: String, _ file: String, _ metric: String) throws {
        let teacher = option == "--mse" ? ["--teacher", CommandLineTool.fixtureModel.path] : []
        let result = try evaluate([option, file, "--json"] + teacher)
        #expect(result.code == 0, "\(result.errors)")
        guard case .object(let metrics) = try JSONValue.parse(Array(result.output.utf8)) else { throw CancellationError() }
        let value = try #require(metrics[metric]?.doubleValue, "\(metrics.keys)")
        // Both texts of a row are each other's closest for any model that knows their words.
        #expect(option == "--mse" ? value < 0 : value > 0 && value <= 1)
        #expect(!metrics.keys.contains { $0.hasSuffix("_ci_lower") })

        let sure = try evaluate([option, file, "--json", "--confidence", "--name", "dev"] + teacher)
        guard case .object(let named) = try JSONValue.parse(Array(sure.output.utf8)) else { throw CancellationError() }
        #expect(named["dev_\(metric)"]?.doubleValue == value)
        if option == "--paraphrase-mining" { return }
        let ends = ["lower", "upper"].compactMap { named["dev_\(metric)_ci_\($0)"]?.doubleValue }
        #expect(ends.count == 2 && ends[0] <= value && value <= ends[1] + 1e-9, "\(named)")

        let table = try evaluate([option, file, "--confidence"] + teacher).output
        #expect(table.contains(metric) && table.contains("lower") && table.contains("upper"))
    }

    @Test func severalAtOnce() throws {
        let result = try evaluate(["--sts", "sts.csv", "--triplets", "triplets.csv", "--json"])
        guard case .object(let metrics) = try JSONValue.parse(Array(result.output.utf8)) else { throw CancellationError() }
        #expect(metrics.keys == ["pearson_cosine", "spearman_cosine", "cosine_accuracy"])
    }

    @Test(arguments: [
        (["--mse", "parallel.csv"], 2, "--teacher"), (["--information-retrieval", "mining"], 1, "qrels.tsv"),
        (["--paraphrase-mining", "retrieval"], 1, "sentences.tsv"), (["--reranking", "sts.csv"], 1, "sts.csv: line 1"),
        (["--binary", "sts.csv"], 1, "sts.csv"), (["--sts", "absent.csv"], 1, "absent.csv"), ([], 2, "--information-retrieval DIR"),
    ]) func whatDoesNotFitIsNamed(_ arguments: [String], _ code: Int32, _ message: String) throws {
        let result = try evaluate(arguments)
        #expect(result.code == code && result.errors.contains(message) && result.output.isEmpty, "\(result.errors)")
    }
}
