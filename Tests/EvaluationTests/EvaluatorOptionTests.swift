@testable import Evaluation
import Foundation
import Tapestry
import Testing

/// Options other than the usual ones in every evaluator, and figures that are equal.
struct EvaluatorOptionTests {
    private let model = SentenceTransformer.builtIn()
    private static let texts = BuiltInData.triplets(.test).prefix(24)
    private static let anchors = Array(texts.columns[0].texts), positives = Array(texts.columns[1].texts)
    private static let negatives = Array(texts.columns[2].texts)

    /// Mean ranks, by counting: one more than are smaller, and half of the others that are equal.
    private func ranks(_ x: [Double]) -> [Double] {
        x.map { value in Double(x.count { $0 < value }) + Double(x.count { $0 == value } + 1) / 2 }
    }

    @Test(
        arguments: [
            [5, 5, 7], [7, 5, 5], [1, 1, 1, 1, 2], [3, 1, 2, 1, 3, 1, 3], [2, 2, 1, 1, 3, 3, 3, 0], [1, 2, 3, 4], [4, 4, 4, 1],
        ] as [[Double]]) func equalScoresShareTheirMeanRank(_ x: [Double])
    {
        #expect(Correlation.ranks(x) == ranks(x))
        let y = x.indices.map { Double($0 * $0 % 5) + Double($0) / 8 }
        let (a, b) = (ranks(x), ranks(y)), n = Double(x.count), mean = (n + 1) / 2
        let covariance = zip(a, b).reduce(0) { $0 + ($1.0 - mean) * ($1.1 - mean) }
        let spread = { (r: [Double]) in r.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } }
        #expect(abs(Correlation.spearman(x, y) - covariance / (spread(a) * spread(b)).squareRoot()) < 1e-12)
    }

    @Test func everyEvaluatorCutsItsEmbeddings() throws {
        let scores = Self.anchors.indices.map { Double($0 * 7 % 10) / 10 }
        for width in [3, 8, model.embeddingDimension, 10_000] {
            func cut(_ texts: [String]) -> Tensor { model.encode(texts).sliced(0..<min(width, model.embeddingDimension), alongAxis: 1) }
            let (a, p, n) = (cut(Self.anchors), cut(Self.positives), cut(Self.negatives))
            let similarity = EmbeddingSimilarityEvaluator(
                sentences1: Self.anchors, sentences2: Self.positives, scores: scores, similarityFunctions: SimilarityFunction.allCases,
                truncateDimension: width)
            let triplets = TripletEvaluator(
                anchors: Self.anchors, positives: Self.positives, negatives: Self.negatives,
                similarityFunctions: SimilarityFunction.allCases, truncateDimension: width)
            let (found, won) = (try similarity(model), try triplets(model))
            for function in SimilarityFunction.allCases {
                let expected = Correlation.pearson(function.pairwise(a, p).values, scores)
                #expect(abs(found["pearson_\(function.rawValue)"]! - expected) < 1e-5, "\(width) \(function)")
                let share = zip(function.pairwise(a, p).values, function.pairwise(a, n).values).count { $0 > $1 }
                #expect(abs(won["\(function.rawValue)_accuracy"]! - Double(share) / 24) < 1e-12, "\(width) \(function)")
            }
        }
        #expect(
            try EmbeddingSimilarityEvaluator(sentences1: Self.anchors, sentences2: Self.positives, scores: scores, truncateDimension: 3)(
                model
            ).metrics[0].value
                != EmbeddingSimilarityEvaluator(sentences1: Self.anchors, sentences2: Self.positives, scores: scores)(model).metrics[0]
                .value)
    }

    /// A margin counts for its own function alone; a gap as large as the margin is no win.
    @Test func marginsBelongToTheirFunctions() throws {
        func accuracies(_ margin: [SimilarityFunction: Double]) throws -> [Double] {
            let evaluator = TripletEvaluator(
                anchors: Self.anchors, positives: Self.positives, negatives: Self.negatives,
                similarityFunctions: SimilarityFunction.allCases, margin: margin)
            let result = try evaluator(model)
            return SimilarityFunction.allCases.map { result["\($0.rawValue)_accuracy"]! }
        }
        let plain = try accuracies([:])
        #expect(plain.allSatisfy { $0 > 0 })
        for (place, function) in SimilarityFunction.allCases.enumerated() {
            let strict = try accuracies([function: 1e6]), loose = try accuracies([function: -1e6])
            for other in plain.indices {
                #expect(strict[other] == (other == place ? 0 : plain[other]) && loose[other] == (other == place ? 1 : plain[other]))
            }
        }
        let same = TripletEvaluator(anchors: ["a"], positives: ["b"], negatives: ["b"], similarityFunctions: SimilarityFunction.allCases)
        #expect(try same(model).metrics.allSatisfy { $0.value == 0 })
    }

    @Test func theLargestOfSeveralFunctionsIsShown() throws {
        let scores = Self.anchors.indices.map { Double($0 * 5 % 11) }
        for functions in [SimilarityFunction.allCases, SimilarityFunction.allCases.reversed()] {
            let similarity = EmbeddingSimilarityEvaluator(
                sentences1: Self.anchors, sentences2: Self.negatives, scores: scores, similarityFunctions: functions)
            let found = try similarity(model)
            for kind in ["pearson", "spearman"] {
                let all = functions.map { found["\(kind)_\($0.rawValue)"]! }
                #expect(found["\(kind)_max"] == all.max() && Set(all).count > 1)
            }
            #expect(
                found.primaryMetric == "spearman_max" && found.metrics.map(\.key).sorted() == similarity.metricNames(for: model)!.sorted())
            let triplets = TripletEvaluator(
                anchors: Self.anchors, positives: Self.negatives, negatives: Self.positives, similarityFunctions: functions,
                margin: [.dot: -0.2, .manhattan: 0.1])
            let won = try triplets(model)
            #expect(won["max_accuracy"] == functions.map { won["\($0.rawValue)_accuracy"]! }.max() && won.primaryMetric == "max_accuracy")
            #expect(won.metrics.map(\.key).sorted() == triplets.metricNames(for: model)!.sorted())
        }
    }

    @Test func theMainFunctionIsThePrimaryOne() throws {
        var similarity = try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test).prefix(10), name: "x")
        var triplets = TripletEvaluator(anchors: Self.anchors, positives: Self.positives, negatives: Self.negatives, name: "x")
        for functions in [[], SimilarityFunction.allCases] {
            (similarity.similarityFunctions, triplets.similarityFunctions) = (functions, functions)
            (similarity.mainSimilarity, triplets.mainSimilarity) = (.manhattan, .euclidean)
            let (a, b) = (try similarity(model), try triplets(model))
            #expect(a.primaryMetric == "x_spearman_manhattan" && a.primaryValue == a["x_spearman_manhattan"])
            #expect(b.primaryMetric == "x_euclidean_accuracy" && b.primaryValue == b["x_euclidean_accuracy"])
            #expect(a.metrics.count == (functions.isEmpty ? 2 : 10) && b.metrics.count == (functions.isEmpty ? 1 : 5))
        }
        // Without one, the model's own.
        var other = model
        other.similarityFunction = .dot
        (similarity.similarityFunctions, similarity.mainSimilarity) = ([], nil)
        #expect(try similarity(other).metrics.map(\.key) == ["x_pearson_dot", "x_spearman_dot"])
    }

    @Test func anchorsAreQueriesAndTheOthersDocuments() throws {
        var prompted = model
        prompted.prompts = ["query": "weather rain: ", "document": "music guitar: ", "own": "cat "]
        prompted.defaultPromptName = "own"
        let evaluator = TripletEvaluator(
            anchors: Self.anchors, positives: Self.positives, negatives: Self.negatives, similarityFunctions: [.dot, .euclidean],
            margin: [.dot: 0.05])
        let a = prompted.encodeQuery(Self.anchors), p = prompted.encodeDocument(Self.positives), n = prompted.encodeDocument(Self.negatives)
        let found = try evaluator(prompted)
        for (function, margin) in [(SimilarityFunction.dot, 0.05), (.euclidean, 0)] {
            let won = zip(function.pairwise(a, p).values, function.pairwise(a, n).values).count { $0 > $1 + margin }
            #expect(abs(found["\(function.rawValue)_accuracy"]! - Double(won) / 24) < 1e-12)
        }
        let exchanged = zip(
            SimilarityFunction.dot.pairwise(prompted.encodeDocument(Self.anchors), p).values,
            SimilarityFunction.dot.pairwise(prompted.encodeDocument(Self.anchors), n).values
        ).map { $0 - $1 }
        let right = zip(SimilarityFunction.dot.pairwise(a, p).values, SimilarityFunction.dot.pairwise(a, n).values).map { $0 - $1 }
        // A margin between the two tells them apart: the largest gap by which they differ.
        let place = right.indices.max { abs(right[$0] - exchanged[$0]) < abs(right[$1] - exchanged[$1]) }!
        let between = TripletEvaluator(
            anchors: [Self.anchors[place]], positives: [Self.positives[place]], negatives: [Self.negatives[place]],
            similarityFunctions: [.dot],
            margin: [.dot: (right[place] + exchanged[place]) / 2])
        #expect(abs(right[place] - exchanged[place]) > 1e-3)
        #expect(try between(prompted)["dot_accuracy"] == (right[place] > exchanged[place] ? 1 : 0))
    }

    @Test func metricsOfOneNameAreTheLast() throws {
        let pairs = [BuiltInData.scoredPairs(.test).prefix(10), BuiltInData.scoredPairs(.test).prefix(20)]
        let evaluators = try pairs.map { try EmbeddingSimilarityEvaluator($0) }
        let sequence = SequentialEvaluator(evaluators) { $0[0] * 10 + $0[1] }
        let (found, alone) = (try sequence(model), try evaluators.map { try $0(model) })
        #expect(found.metrics.map(\.key) == ["pearson_cosine", "spearman_cosine", "sequential_score"])
        #expect(found["pearson_cosine"] == alone[1]["pearson_cosine"] && alone[0]["pearson_cosine"] != alone[1]["pearson_cosine"])
        #expect(found["sequential_score"] == alone[0].primaryValue * 10 + alone[1].primaryValue)
        #expect(sequence.metricNames(for: model) == found.metrics.map(\.key))
    }
}
