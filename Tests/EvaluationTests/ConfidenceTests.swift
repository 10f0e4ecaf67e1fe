import Foundation
import Tapestry
import Testing

@testable import Evaluation

/// Intervals beside metrics: as wide as theory says, and for every metric of every evaluator that can give them.
struct ConfidenceTests {
    @Test(arguments: [(400, 0.3), (100, 0.5), (1000, 0.9)]) func intervalsOfSharesAreAsWideAsTheorySays(count: Int, share: Double) {
        let hits = (0..<count).map { Double($0) < share * Double(count) ? 1.0 : 0 }
        let interval = Bootstrap.intervals(rowCount: count) { [hits.mean(of: $0)] }[0]
        let half = 1.96 * (share * (1 - share) / Double(count)).squareRoot()
        #expect(abs(interval.lower - (share - half)) < 0.25 * half && abs(interval.upper - (share + half)) < 0.25 * half, "\(interval)")
    }

    @Test func equalRowsLeaveNoDoubtAndUndefinedDrawsAreLeftOut() {
        let certain = Bootstrap.intervals(rowCount: 7) { rows in [Double(rows.count), .nan, rows[0] < 3 ? .nan : 2] }
        #expect(certain[0] == (7, 7) && certain[1].lower.isNaN && certain[2] == (2, 2))
    }

    @Test func everyMetricHasAnIntervalAroundIt() throws {
        let model = SentenceTransformer.builtIn()
        let triplets = BuiltInData.triplets(.test).prefix(24), pairs = BuiltInData.scoredPairs(.test).prefix(24)
        let (anchors, positives, negatives) = (
            Array(triplets.columns[0].texts), Array(triplets.columns[1].texts), Array(triplets.columns[2].texts)
        )
        let all = SimilarityFunction.allCases
        let ids = anchors.indices.map { "\($0)" }
        let sentences = (Array(pairs.columns[0].texts), Array(pairs.columns[1].texts))
        let classes = try Dataset(["a": sentences.0, "b": sentences.1], labels: anchors.indices.map { Double($0 % 2) })
        let classifier = SoftmaxLoss(embeddingDimension: model.embeddingDimension, classCount: 2)
        let evaluators: [any ConfidenceEvaluator<SentenceTransformer>] = [
            EmbeddingSimilarityEvaluator(
                sentences1: sentences.0, sentences2: sentences.1, scores: pairs.labels!.values, name: "sts", similarityFunctions: all),
            BinaryClassificationEvaluator(
                sentences1: sentences.0, sentences2: sentences.1, labels: anchors.indices.map { $0 % 3 == 0 }, similarityFunctions: all),
            TripletEvaluator(anchors: anchors, positives: positives, negatives: negatives, similarityFunctions: all),
            TranslationEvaluator(sourceSentences: anchors, targetSentences: positives),
            RerankingEvaluator(
                samples: anchors.indices.map { .init(query: anchors[$0], positive: [positives[$0]], negative: [negatives[$0]]) }),
            InformationRetrievalEvaluator(
                queries: zip(ids, anchors).map { (id: $0, text: $1) }, corpus: zip(ids, positives).map { (id: $0, text: $1) },
                relevantDocuments: Dictionary(uniqueKeysWithValues: ids.map { ($0, [$0]) })),
            MSEEvaluator(sourceSentences: anchors, targetSentences: positives, teacher: model),
            try LabelAccuracyEvaluator(classes, loss: classifier),
        ]
        for var evaluator: any ConfidenceEvaluator<SentenceTransformer> in evaluators {
            let label = String(describing: evaluator)
            let without = try evaluator(model)
            #expect(without.intervals.isEmpty)
            evaluator.confidence = true
            let found = try evaluator(model)
            #expect(found.metrics.map(\.key) == without.metrics.map(\.key) && found.primaryMetric == without.primaryMetric)
            #expect(zip(found.metrics, without.metrics).allSatisfy { $0.value == $1.value })
            #expect(Set(found.intervals.keys) == Set(found.metrics.map(\.key)), "\(label)")
            for (key, value) in found.metrics where !key.hasSuffix("threshold") {
                let interval = try #require(found.intervals[key])
                // The best of several thresholds is better on rows drawn again than on all: its interval may lie above.
                #expect(interval.lower <= interval.upper && interval.lower - 0.3 <= value && value <= interval.upper + 1e-12, "\(key)")
            }
            #expect(found.intervals.values.contains { $0.lower < $0.upper }, "\(label)")
            let merged = try SequentialEvaluator([evaluator])(model)
            #expect(merged.intervals.count == found.intervals.count)
        }
    }
}
