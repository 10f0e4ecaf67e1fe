import Foundation
import Tapestry
import Testing

/// The reference's evaluators give the same keys and figures for the same model and sentences (float32, 1e-5).
struct ReferenceEvaluatorTests {
    private struct Sentences: Decodable {
        let a, b, c: [String], labels: [Int], scores: [Double]
    }

    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/evaluators")

    private static func evaluator(_ name: String) throws -> any Evaluator<SentenceTransformer> {
        let data = try JSONDecoder().decode(Sentences.self, from: Data(contentsOf: folder.appendingPathComponent("sentences.json")))
        let (a, b, c, n) = (data.a, data.b, data.c, data.a.count)
        switch name {
        case "binary":
            return BinaryClassificationEvaluator(
                sentences1: a, sentences2: b, labels: data.labels.map { $0 == 1 }, similarityFunctions: SimilarityFunction.allCases)
        case "similarity":
            return EmbeddingSimilarityEvaluator(
                sentences1: a, sentences2: b, scores: data.scores, similarityFunctions: SimilarityFunction.allCases)
        case "float32", "int8", "uint8", "binary precision", "ubinary":
            return EmbeddingSimilarityEvaluator(
                sentences1: a, sentences2: b, scores: data.scores, similarityFunctions: SimilarityFunction.allCases,
                precision: EmbeddingPrecision(rawValue: String(name.prefix { $0 != " " })))
        case "triplets":
            return TripletEvaluator(anchors: a, positives: b, negatives: c, similarityFunctions: SimilarityFunction.allCases)
        case "translation": return TranslationEvaluator(sourceSentences: a, targetSentences: b)
        case "mse": return MSEEvaluator(sourceSentences: a, targetSentences: b, teacher: .builtIn())
        case "retrieval":
            var corpus: [(id: String, text: String)] = []
            for text in b + c where !corpus.contains(where: { $0.text == text }) { corpus.append((id: "d\(corpus.count)", text: text)) }
            func id(_ text: String) -> String { corpus.first { $0.text == text }!.id }
            let relevant = (0..<n).map { ("q\($0)", Set([id(b[$0]), id(b[($0 + 1) % n])])) }
            return InformationRetrievalEvaluator(
                queries: a.enumerated().map { (id: "q\($0)", text: $1) }, corpus: corpus,
                relevantDocuments: Dictionary(uniqueKeysWithValues: relevant))
        case "reranking":
            return RerankingEvaluator(
                samples: (0..<n).map { i in
                    .init(query: a[i], positive: [b[i], b[(i + 1) % n]], negative: [c[i], b[(i + 2) % n], c[(i + 3) % n]])
                }, atK: 3)
        case "mining":
            return ParaphraseMiningEvaluator(
                sentences: (a + b).enumerated().map { (id: "\($0)", text: $1) }, duplicates: (0..<n).map { ("\($0)", "\(n + $0)") })
        default: fatalError("no evaluator \(name)")
        }
    }

    @Test(arguments: [
        "binary", "similarity", "float32", "int8", "uint8", "binary precision", "ubinary", "triplets", "translation", "mse", "retrieval",
        "reranking",
        "mining",
    ])
    func figuresOfTheReference(_ name: String) throws {
        let all = try JSONDecoder().decode(
            [String: [String: Double]].self, from: Data(contentsOf: Self.folder.appendingPathComponent("builtin.json")))
        let expected = all[name]!
        let evaluator = try Self.evaluator(name)
        let model = SentenceTransformer.builtIn()
        let result = try evaluator(model)
        #expect(Set(result.metrics.map(\.key)) == Set(expected.keys) && result.metrics.count == expected.count)
        #expect(evaluator.metricNames(for: model) == result.metrics.map(\.key))
        for metric in result.metrics {
            let value = try #require(expected[metric.key])
            // Embeddings that differ in the last digit may come to lie on the next of 256 steps.
            let tolerance = name.hasSuffix("int8") ? 1e-4 : 1e-5
            #expect(abs(metric.value - value) <= tolerance * max(1, abs(value)), "\(metric.key): \(metric.value), not \(value)")
        }
    }

    @Test func foldersAndFilesAreRead() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        try FileManager.default.createDirectory(at: folder.appendingPathComponent("qrels"), withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
        try write(
            "corpus.jsonl",
            """
            {"_id": "1", "title": "Bread", "text": "How to bake.", "metadata": {"year": 2020}}
            {"_id": "2", "title": "", "text": "Rain falls."}

            """)
        try write("queries.jsonl", "{\"_id\": \"a\", \"text\": \"baking\"}\n{\"_id\": \"b\", \"text\": \"nothing\"}\n")
        try write("qrels/test.tsv", "query-id\tcorpus-id\tscore\na\t1\t1\na\t2\t0\nb\t2\t0\n")
        let retrieval = try InformationRetrievalEvaluator(folder: folder)
        #expect(retrieval.queries.map(\.id) == ["a"] && retrieval.corpus.map(\.text) == ["Bread How to bake.", "Rain falls."])
        #expect(retrieval.relevantDocuments == ["a": ["1"]])

        try write(
            "samples.jsonl",
            #"{"query": "q", "positive": "one", "negative": ["two", "three"]}"# + "\n" + #"{"query": "r", "positive": [], "negative": []}"#)
        let reranking = try RerankingEvaluator(jsonLines: folder.appendingPathComponent("samples.jsonl"))
        #expect(reranking.samples.map(\.positive) == [["one"]] && reranking.samples[0].negative == ["two", "three"])

        try write("sentences.tsv", "id\tsentence\n1\tA cat.\n2\tA tomcat.\n3\tRain.\n")
        try write("duplicates.tsv", "id1\tid2\n2\t1\n")
        #expect(try ParaphraseMiningEvaluator(folder: folder)(.builtIn())["recall"] == 1)

        func expectRefused(_ message: String, _ body: () throws -> Void) {
            do {
                try body()
                Issue.record("not refused: \(message)")
            } catch {
                #expect("\(error)".contains(message), "\(error)")
            }
        }
        try write("queries.jsonl", "{\"_id\": \"a\", \"text\": \"x\"}\n{\"_id\": \"a\", \"text\": \"y\"}\n")
        expectRefused("queries.jsonl: line 2: the id a comes twice") { _ = try InformationRetrievalEvaluator(folder: folder) }
        try write("queries.jsonl", "{\"_id\": 7, \"text\": \"x\"}\n")
        expectRefused("queries.jsonl: line 1: _id: expected") { _ = try InformationRetrievalEvaluator(folder: folder) }
        try write("queries.jsonl", "{\"_id\": \"a\", \"text\n")
        expectRefused("queries.jsonl: line 1: not valid JSON") { _ = try InformationRetrievalEvaluator(folder: folder) }
        try write("queries.jsonl", "{\"_id\": \"z\", \"text\": \"x\"}\n")
        expectRefused("no query of queries.jsonl has a relevant document") { _ = try InformationRetrievalEvaluator(folder: folder) }
        expectRefused("there is neither qrels.tsv") {
            _ = try InformationRetrievalEvaluator(folder: folder.appendingPathComponent("absent"))
        }
        try write("samples.jsonl", #"{"query": "q", "positive": [1], "negative": ["two"]}"#)
        expectRefused("samples.jsonl: line 1: positive[0]") {
            _ = try RerankingEvaluator(jsonLines: folder.appendingPathComponent("samples.jsonl"))
        }
        try write("duplicates.tsv", "id1\tid2\n2\t9\n")
        expectRefused("no row names two different sentences") { _ = try ParaphraseMiningEvaluator(folder: folder) }
    }
}
