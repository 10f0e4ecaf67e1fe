import Foundation
import Tapestry
import Testing

struct EvaluatorTests {
    private let model = SentenceTransformer.builtIn()

    @Test func correlationsWorkedByHand() {
        #expect(abs(Correlation.pearson([1, 2, 3, 4], [2, 4, 6, 9]) - 11.5 / (5 * 26.75).squareRoot()) < 1e-12)
        #expect(Correlation.spearman([1, 2, 3, 4], [10, 20, 25, 100]) == 1)
        #expect(Correlation.spearman([1, 2, 3], [3, 2, 1]) == -1)
        #expect(Correlation.spearman([1, .nan, 3], [1, 2, 3]).isNaN && Correlation.pearson([1, .nan, 3], [1, 2, 3]).isNaN)
        // Ties share their mean rank: ranks 1.5 1.5 3 against 1 2 3.
        #expect(abs(Correlation.spearman([5, 5, 7], [1, 2, 3]) - 0.8660254037844387) < 1e-12)
        #expect(Correlation.pearson([1, 1, 1], [1, 2, 3]).isNaN)
    }

    @Test func similarityKeysAndPrefix() throws {
        let pairs = BuiltInData.scoredPairs(.test).prefix(20)
        let plain = try EmbeddingSimilarityEvaluator(pairs)(model)
        #expect(plain.metrics.map(\.key) == ["pearson_cosine", "spearman_cosine"] && plain.primaryMetric == "spearman_cosine")
        var evaluator = try EmbeddingSimilarityEvaluator(pairs, name: "dev")
        evaluator.similarityFunctions = [.cosine, .euclidean]
        let named = try evaluator(model)
        #expect(
            named.metrics.map(\.key) == [
                "dev_pearson_cosine", "dev_spearman_cosine", "dev_pearson_euclidean", "dev_spearman_euclidean",
                "dev_pearson_max", "dev_spearman_max",
            ])
        #expect(named.primaryMetric == "dev_spearman_max")
        #expect(named["dev_spearman_cosine"] == plain["spearman_cosine"])
        // Unit vectors: the order of distances is that of cosines, turned round by the sign.
        #expect(abs(named["dev_spearman_euclidean"]! - named["dev_spearman_cosine"]!) < 1e-3)
    }

    @Test func tripletAccuracyCountsStrictWins() throws {
        let texts = ["The cook bakes bread.", "It rains in the city."]
        let evaluator = TripletEvaluator(anchors: texts, positives: [texts[0], texts[0]], negatives: [texts[1], texts[0]])
        let result = try evaluator(model)
        // The second triplet's candidates are equal: no win.
        #expect(result["cosine_accuracy"] == 0.5 && result.primaryMetric == "cosine_accuracy")
        var strict = evaluator
        strict.margin = [.cosine: 3]
        #expect(try strict(model)["cosine_accuracy"] == 0)
    }

    @Test func resultsFilesHaveOneHeader() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: folder) }
        let evaluator = try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test).prefix(10), name: "dev")
        for epoch in [0.5, 1] { _ = try evaluator(model, outputPath: folder, epoch: epoch, steps: 7) }
        let text = try String(contentsOf: folder.appendingPathComponent("similarity_evaluation_dev_results.csv"), encoding: .utf8)
        let lines = text.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[0] == "epoch,steps,cosine_pearson,cosine_spearman" && lines[3].isEmpty)
        #expect(lines[1].hasPrefix("0.5,7,0") && lines[2].hasPrefix("1,7,0"))
    }

    @Test func sequentialMergesAndSumsUp() throws {
        let evaluator = SequentialEvaluator([
            try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test).prefix(10), name: "a"),
            try TripletEvaluator(BuiltInData.triplets(.test).prefix(10), name: "b"),
        ])
        let result = try evaluator(model)
        #expect(result.metrics.map(\.key) == ["a_pearson_cosine", "a_spearman_cosine", "b_cosine_accuracy", "sequential_score"])
        #expect(result["sequential_score"] == result["b_cosine_accuracy"] && result.primaryMetric == "sequential_score")
    }

    @Test func datasetsThatDoNotFitAreRefused() throws {
        #expect(throws: DatasetError.self) { try EmbeddingSimilarityEvaluator(BuiltInData.triplets(.test)) }
        #expect(throws: DatasetError.self) { try TripletEvaluator(BuiltInData.scoredPairs(.test)) }
    }
}
