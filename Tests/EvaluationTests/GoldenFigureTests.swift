import Foundation
import Tapestry
import Testing

/// The reference's figures for embeddings and scores that were chosen by hand.
struct GoldenFigureTests {
    /// Queries and documents in two dimensions.
    private let model = ChosenEmbeddings.model([
        "question": [1, 0], "other question": [0, 1],
        "one": [1, 0], "two": [0.8, 0.6], "three": [0.6, 0.8], "four": [0, 1], "five": [0.8, 0.6],
    ])
    private let documents = ["one", "two", "three", "four", "five"].enumerated().map { (id: "d\($0 + 1)", text: $1) }

    private func isClose(_ a: Double?, _ b: Double) -> Bool { a.map { abs($0 - b) < 1e-6 } ?? false }

    // MARK: Thresholds

    @Test func thresholdsOfSimilarities() {
        let found = BinaryClassificationMetrics(scores: [0.9, 0.8, 0.8, 0.5, 0.4], labels: [true, false, true, true, false])
        #expect(found.accuracy == 0.8 && isClose(Double(found.accuracyThreshold), 0.45))
        #expect(isClose(found.f1, 0.8571428571) && found.precision == 0.75 && found.recall == 1)
        #expect(isClose(Double(found.f1Threshold), 0.45) && isClose(found.averagePrecision, 0.8055555556))
        #expect(isClose(found.matthewsCorrelation, 0.6123724357))
    }

    @Test func thresholdsOfDistances() {
        let scores: [Float] = [0.9, 0.8, 0.8, 0.5, 0.4].map { 1 - $0 }
        let found = BinaryClassificationMetrics(scores: scores, labels: [true, false, true, true, false], higherIsSimilar: false)
        #expect(found.accuracy == 0.8 && isClose(Double(found.accuracyThreshold), 0.55) && isClose(Double(found.f1Threshold), 0.55))
        #expect(isClose(found.matthewsCorrelation, 0.6123724357) && isClose(found.averagePrecision, 0.8055555556))
    }

    @Test func nothingBelongsTogether() {
        let found = BinaryClassificationMetrics(scores: [0.9, 0.1], labels: [false, false])
        #expect(found.accuracy == 1 && found.accuracyThreshold == Float(0.9).nextUp && found.averagePrecision == 0 && found.f1 == 0)
        let empty = BinaryClassificationMetrics(scores: [], labels: [])
        #expect(empty.accuracy == 0 && empty.accuracyThreshold == -1)
    }

    @Test func averagePrecisionGroupsTies() {
        let found = BinaryClassificationMetrics(scores: [0.5, 0.5, 0.2, 0.9], labels: [true, false, true, false])
        #expect(isClose(found.averagePrecision, 0.4166666667))
    }

    @Test(arguments: [(2, 0.1934264036), (3, 0.3467132018), (4, 0.6107813243)]) func nDCGSharesTheRanksOfTies(_ k: Int, _ expected: Double)
    {
        #expect(isClose(RankingMetrics.nDCG(gains: [1, 0, 1, 0], scores: [0.5, 0.5, 0.2, 0.9], at: k), expected))
    }

    // MARK: Evaluators

    @Test(arguments: [1, 2, 5, 50_000]) func informationRetrieval(chunkSize: Int) throws {
        var evaluator = InformationRetrievalEvaluator(
            queries: [("q1", "question"), ("q2", "other question"), ("q3", "one")], corpus: documents.reversed(),
            relevantDocuments: ["q1": ["d2", "d3"], "q2": ["d1", "d4", "d5"], "q3": []],
            cutoffs: .init(accuracy: [1, 3], precisionRecall: [1, 3], nDCG: [3], mrr: [3], map: [3]))
        evaluator.corpusChunkSize = chunkSize
        let result = try evaluator(model)
        let expected: KeyValuePairs = [
            "accuracy@1": 0.5, "accuracy@3": 1, "precision@1": 0.5, "precision@3": 1.0 / 3, "recall@1": 1.0 / 6, "recall@3": 5.0 / 12,
            "ndcg@3": 0.4280657666, "mrr@3": 0.75, "map@3": 0.2916666667,
        ]
        #expect(result.metrics.map(\.key) == expected.map { "cosine_\($0.key)" } && result.primaryMetric == "cosine_ndcg@3")
        #expect(evaluator.metricNames(for: model) == result.metrics.map(\.key) && evaluator.queries.count == 2)
        for (key, value) in expected { #expect(isClose(result["cosine_\(key)"], value), "\(key)") }
    }

    @Test func theBestFunctionIsPrimary() throws {
        let model = ChosenEmbeddings.model(["question": [1, 0], "one": [1, 0], "two": [8, 6]])
        var evaluator = InformationRetrievalEvaluator(
            queries: [("q", "question")], corpus: [("1", "one"), ("2", "two")], relevantDocuments: ["q": ["2"]])
        evaluator.similarityFunctions = [.cosine, .dot]
        #expect(try evaluator(model).primaryMetric == "dot_ndcg@10")
        evaluator.mainSimilarity = .cosine
        #expect(try evaluator(model).primaryMetric == "cosine_ndcg@10")
    }

    @Test func filesOfInformationRetrieval() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        var evaluator = InformationRetrievalEvaluator(
            queries: [("q1", "question")], corpus: documents, relevantDocuments: ["q1": ["d2"]], name: "dev",
            cutoffs: .init(accuracy: [1], precisionRecall: [1, 2], nDCG: [3], mrr: [3], map: [3]))
        evaluator.similarityFunctions = [.euclidean, .cosine]
        evaluator.writesPredictions = true
        for _ in 0..<2 { _ = try evaluator(model, outputPath: folder, epoch: 1, steps: -1) }
        let text = try String(
            contentsOf: folder.appendingPathComponent("Information-Retrieval_evaluation_dev_results.csv"), encoding: .utf8)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let columns = ["Accuracy@1", "Precision@1", "Recall@1", "Precision@2", "Recall@2", "MRR@3", "NDCG@3", "MAP@3"]
        #expect(lines[0] == "epoch,steps," + (columns.map { "cosine-\($0)" } + columns.map { "euclidean-\($0)" }).joined(separator: ","))
        #expect(lines.count == 4 && lines[1] == lines[2] && lines[1].hasPrefix("1,-1,0.0,0.0,0.0,0.5,1.0,0.5,") && !text.contains("\r"))
        let predictions = try String(
            contentsOf: folder.appendingPathComponent("Information-Retrieval_evaluation_dev_predictions_cosine.jsonl"), encoding: .utf8)
        #expect(predictions.hasPrefix(#"{"query_id":"q1","query":"question","results":[{"corpus_id":"d1","score":1"#))
        // Equal scores stand in the order of their ids.
        #expect(predictions.range(of: "\"d2\"")!.lowerBound < predictions.range(of: "\"d5\"")!.lowerBound)
        #expect(predictions.split(separator: "\n").count == 1)
    }

    @Test func reranking() throws {
        let evaluator = RerankingEvaluator(
            samples: [
                .init(query: "question", positive: ["two"], negative: ["five", "one", "four"]),
                .init(query: "other question", positive: ["two"], negative: []),
            ], atK: 3)
        let result = try evaluator(model)
        #expect(result.metrics.map(\.key) == ["map", "mrr@3", "ndcg@3"] && result.primaryMetric == "ndcg@3")
        #expect(isClose(result["map"], 1.0 / 3) && isClose(result["mrr@3"], 0.5) && isClose(result["ndcg@3"], 0.5654648768))
    }

    @Test func paraphraseMiningFigures() throws {
        let sentences = zip(["a", "b", "c", "d", "e"], documents).map { (id: $0, text: $1.text) }
        let result = try ParaphraseMiningEvaluator(sentences: sentences, duplicates: [("a", "b"), ("d", "c"), ("a", "absent")])(model)
        #expect(result.metrics.map(\.key) == ["average_precision", "f1", "precision", "recall", "threshold"])
        #expect(isClose(result["average_precision"], 1.0 / 3) && isClose(result["f1"], 0.5) && isClose(result["precision"], 1.0 / 3))
        #expect(isClose(result["recall"], 1) && isClose(result["threshold"], 0.7))
        // a = b and b = e mean a = e.
        let closed = ParaphraseMiningEvaluator(sentences: sentences, duplicates: [("a", "b"), ("b", "e")], addsTransitiveClosure: true)
        let open = ParaphraseMiningEvaluator(sentences: sentences, duplicates: [("a", "b"), ("b", "e"), ("e", "a")])
        #expect(try closed(model)["average_precision"] == open(model)["average_precision"])
    }

    @Test func minedPairs() {
        let rows: [[Double]] = [[1, 0], [0.99, 0.1], [0.98, 0.15], [0, 1], [0.05, 1], [0.7, 0.7]]
        let embeddings = Tensor(rows.flatMap(\.self), shape: [6, 2]).normalized()
        let expected: [(Double, Int, Int)] = [
            (0.99875, 3, 4), (0.99869, 1, 2), (0.99494, 0, 1), (0.98849, 0, 2), (0.80595, 2, 5), (0.77459, 1, 5), (0.74154, 4, 5),
            (0.70711, 3, 5),
        ]
        for chunk in [1, 4, 100] {
            let found = paraphraseMining(ofEmbeddings: embeddings, queryChunkSize: chunk, topK: 2)
            #expect(found.count == 8)
            for (pair, (score, i, j)) in zip(found, expected) {
                #expect(abs(Double(pair.score) - score) < 1e-5 && pair.i == i && pair.j == j)
            }
            #expect(paraphraseMining(ofEmbeddings: embeddings, queryChunkSize: chunk, maxPairs: 3, topK: 2) == Array(found.prefix(3)))
        }
    }

    @Test func translation() throws {
        let evaluator = TranslationEvaluator(sourceSentences: ["one", "three", "four"], targetSentences: ["two", "five", "four"])
        let result = try evaluator(model)
        #expect(result.metrics.map(\.key) == ["src2trg_accuracy", "trg2src_accuracy", "mean_accuracy"])
        for metric in result.metrics { #expect(isClose(metric.value, 2.0 / 3), "\(metric.key)") }
        #expect(result.primaryMetric == "mean_accuracy")
    }

    @Test func meanSquaredError() throws {
        let evaluator = MSEEvaluator(sourceSentences: ["one", "four"], targetSentences: ["two", "three"], teacher: model)
        let result = try evaluator(model)
        #expect(abs(result["negative_mse"]! + 20) < 1e-4 && result.primaryMetric == "negative_mse")
        #expect(throws: EvaluationError.self) { try evaluator(.builtIn()) }
    }

    @Test func negativeMSEOverLanguages() throws {
        let teacher = model
        let rows = [
            ["en": "one", "de": "two", "fr": " "], ["en": "four", "de": "three"], ["en": "two", "fr": "two"], ["de": "one", "fr": "one"],
        ]
        func evaluator(_ combinations: [(String, String)]) throws -> MSEEvaluatorFromDataFrame {
            try MSEEvaluatorFromDataFrame(rows: rows, teacher: teacher, combinations: combinations.map { .init($0.0, $0.1) }, name: "dev")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let two = try evaluator([("en", "de"), ("en", "fr")])
        let result = try two(model, outputPath: folder, epoch: 1, steps: 10)
        // The first pair has the figure of the test above, the second one the same sentence twice.
        #expect(abs(result["dev_negative_mse"]! + 10) < 1e-4 && two.metricNames(for: model) == ["dev_negative_mse"])
        let file = try String(contentsOf: folder.appendingPathComponent("mse_evaluation_dev_results.csv"), encoding: .utf8)
        let lines = file.components(separatedBy: "\r\n")
        #expect(lines[0] == "epoch,steps,en-de,en-fr" && lines[1].hasPrefix("1,10,2") && lines[1].hasSuffix(",0.0"), "\(lines)")
        #expect(throws: EvaluationError.self) { try evaluator([("en", "es")]) }
        #expect(throws: EvaluationError.self) { try evaluator([]) }
    }

    @Test func smallDatasetsTogether() throws {
        func evaluator(_ name: String, relevant: [String: Set<String>]) -> InformationRetrievalEvaluator {
            InformationRetrievalEvaluator(
                queries: [("q1", "question"), ("q2", "other question")],
                corpus: ["one", "two", "three", "four", "five"].enumerated().map { (id: "d\($0 + 1)", text: $1) },
                relevantDocuments: relevant, name: name)
        }
        let parts = [
            evaluator("NanoFirst", relevant: ["q1": ["d2", "d3"], "q2": ["d1", "d4", "d5"]]),
            evaluator("NanoSecond", relevant: ["q1": ["d5"]]),
        ]
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let all = try NanoBEIREvaluator(parts)
        let result = try all(model, outputPath: folder, epoch: 0.5, steps: 3)
        let (first, second) = (try parts[0](model), try parts[1](model))
        #expect(result.primaryMetric == "NanoBEIR_mean_cosine_ndcg@10" && all.metricNames(for: model) == result.metrics.map(\.key))
        for key in ["cosine_ndcg@10", "cosine_map@100", "cosine_precision@3", "cosine_accuracy@1"] {
            let mean = (first["NanoFirst_\(key)"]! + second["NanoSecond_\(key)"]!) / 2
            #expect(result["NanoBEIR_mean_\(key)"] == mean && result["NanoFirst_\(key)"] == first["NanoFirst_\(key)"], "\(key)")
        }
        #expect(first["NanoFirst_cosine_ndcg@10"] != second["NanoSecond_cosine_ndcg@10"])
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(
            names == [
                "Information-Retrieval_evaluation_NanoFirst_results.csv", "Information-Retrieval_evaluation_NanoSecond_results.csv",
                "NanoBEIR_evaluation_mean_results.csv",
            ])
        let file = try String(contentsOf: folder.appendingPathComponent(names[2]), encoding: .utf8)
        #expect(file.hasPrefix("epoch,steps,cosine-Accuracy@1,") && file.contains("\n0.5,3,"))

        let cut = try NanoBEIREvaluator(parts, truncateDimension: 1)
        #expect(try cut(model).primaryMetric == "NanoBEIR_mean_1_cosine_ndcg@10" && cut.evaluators[0].name == "NanoFirst_1")
        #expect(throws: EvaluationError.self) { try NanoBEIREvaluator([]) }
        #expect(throws: EvaluationError.self) { try NanoBEIREvaluator([parts[0], parts[0]]) }
        #expect(throws: EvaluationError.self) { try NanoBEIREvaluator(folder: folder, datasetNames: ["msmarcoo"]) }
        #expect(throws: EvaluationError.self) { try NanoBEIREvaluator(folder: folder, datasetNames: ["MSMARCO"]) }
        #expect(throws: EvaluationError.self) { try NanoBEIREvaluator(folder: folder) }
        let nano = folder.appendingPathComponent("NanoMSMARCO")
        try FileManager.default.createDirectory(at: nano, withIntermediateDirectories: true)
        try #"{"_id": "d", "text": "one"}"#.write(to: nano.appendingPathComponent("corpus.jsonl"), atomically: true, encoding: .utf8)
        try #"{"_id": "q", "text": "question"}"#.write(to: nano.appendingPathComponent("queries.jsonl"), atomically: true, encoding: .utf8)
        try "query-id\tcorpus-id\tscore\nq\td\t1\n".write(to: nano.appendingPathComponent("qrels.tsv"), atomically: true, encoding: .utf8)
        #expect(try NanoBEIREvaluator(folder: folder)(model)["NanoMSMARCO_cosine_ndcg@10"] == 1)
    }

    @Test func binaryClassificationOfSeveralFunctions() throws {
        var evaluator = BinaryClassificationEvaluator(
            sentences1: ["one", "one", "one"], sentences2: ["two", "three", "four"], labels: [true, false, false], name: "dev")
        evaluator.similarityFunctions = [.cosine, .manhattan]
        let result = try evaluator(model)
        let names = ["accuracy", "accuracy_threshold", "f1", "f1_threshold", "precision", "recall", "ap", "mcc"]
        #expect(result.metrics.map(\.key) == ["cosine", "manhattan", "max"].flatMap { f in names.map { "dev_\(f)_\($0)" } })
        #expect(evaluator.metricNames(for: model) == result.metrics.map(\.key) && result.primaryMetric == "dev_max_ap")
        #expect(isClose(result["dev_cosine_accuracy_threshold"], 0.7) && isClose(result["dev_manhattan_accuracy_threshold"], 1))
        #expect(isClose(result["dev_max_accuracy_threshold"], 1) && result["dev_manhattan_ap"] == 1)
    }

    @Test func tripletsAndSimilarities() throws {
        let triplets = TripletEvaluator(
            anchors: ["question", "other question"], positives: ["two", "two"], negatives: ["four", "three"],
            similarityFunctions: [.cosine, .manhattan], margin: [.cosine: 0.05, .manhattan: 0.05])
        for metric in try triplets(model).metrics { #expect(metric.value == 0.5, "\(metric.key)") }
        let pairs = EmbeddingSimilarityEvaluator(
            sentences1: ["question", "question", "question", "other question"], sentences2: ["one", "two", "five", "three"],
            scores: [1, 0.5, 0.4, 0.9])
        let result = try pairs(model)
        #expect(isClose(result["pearson_cosine"], 0.6793662205) && isClose(result["spearman_cosine"], 0.7745966692))
    }

    @Test func quantizedEmbeddings() {
        let rows = Tensor([-1, 0, 0.5, 2, 1, 0.25, 0.5, -2, 0, 0.75, 0.5, 0], shape: [3, 4])
        func codes(_ precision: EmbeddingPrecision) -> [Double] { precision.quantized(rows).values }
        #expect(codes(.uint8) == [0, 0, 0, 254, 254, 85, 0, 0, 127, 255, 0, 127])
        #expect(codes(.int8) == [-128, -128, -128, 126, 126, -43, -128, -128, -1, 127, -128, -1])
        #expect(codes(.ubinary) == [48, 224, 96] && codes(.binary) == [-80, 96, -32])
        let ranges = Tensor([-1, 0, 0, -2, 1, 1, 1, 2], shape: [2, 4])
        #expect(
            EmbeddingPrecision.uint8.quantized(rows, calibration: ranges).values == [0, 0, 127, 254, 254, 63, 127, 0, 127, 191, 127, 127])
        #expect(codes(.float32) == rows.values)
    }

    @Test func accuracyOfAClassifier() throws {
        let loss = SoftmaxLoss(embeddingDimension: 2, classCount: 2, features: [.difference])
        // The second class where the sentences differ much.
        loss.classifier.weight.value = Tensor([0, 0, 1, 1], shape: [2, 2])
        loss.classifier.bias!.value = Tensor([1, 0])
        let rows = try Dataset(["a": ["one", "one", "one"], "b": ["two", "four", "four"]], labels: [0, 1, 0])
        #expect(isClose(try LabelAccuracyEvaluator(rows, loss: loss)(model)["accuracy"], 1.0 / 3 + 1.0 / 3))
        let wrong = try Dataset(["a": ["one", "two"], "b": ["two", "one"]], labels: [0, 2])
        #expect(throws: DatasetError.self) { try LabelAccuracyEvaluator(wrong, loss: loss) }
    }
}
