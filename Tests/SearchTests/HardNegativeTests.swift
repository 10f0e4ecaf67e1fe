import Autodiff
import Foundation
import SentenceEmbeddings
import Tables
import Testing

/// Mining over given embeddings, against the rows that the reference mines.
struct HardNegativeTests {
    /// A score of the numbers in the names alone.
    private struct Scorer: PairScorer {
        func scores(of pairs: [(query: String, passage: String)]) -> [Float] {
            pairs.map { Float((Int($0.query.dropFirst())! * 31 + Int($0.passage.dropFirst())! * 17) % 101) / 100 }
        }
    }

    private static func options(_ name: String) -> HardNegativeOptions {
        var options = HardNegativeOptions()
        switch name {
        case "own corpus": options.numNegatives = 2
        case "range": (options.rangeMin, options.rangeMax, options.numNegatives) = (2, 9, 4)
        case "absolute": options.absoluteMargin = 0.1
        case "relative": (options.relativeMargin, options.numNegatives, options.rangeMax) = (0.2, 5, 12)
        case "scores bounded": (options.maxScore, options.minScore, options.rangeMax) = (0.8, 0.3, 20)
        case "n-tuple": (options.outputFormat, options.relativeMargin, options.rangeMax) = (.nTuple, 0.3, 12)
        case "n-tuple scores": (options.outputFormat, options.outputScores) = (.nTuple, true)
        case "triplet scores": (options.outputScores, options.maxScore) = (true, 0.7)
        case "labeled-pair": (options.outputFormat, options.maxScore, options.rangeMax) = (.labeledPair, 0.75, 12)
        case "labeled-pair scores": (options.outputFormat, options.outputScores) = (.labeledPair, true)
        case "labeled-list": (options.outputFormat, options.absoluteMargin, options.rangeMax) = (.labeledList, 0.35, 12)
        case "labeled-list scores": (options.outputFormat, options.outputScores) = (.labeledList, true)
        case "positives": (options.includePositives, options.numNegatives, options.outputScores) = (true, 6, true)
        case "scorer": (options.absoluteMargin, options.outputScores) = (0.05, true)
        case "scorer least": (options.minScore, options.numNegatives) = (0.4, 2)
        default: break
        }
        return options
    }

    private static func pairs() throws -> Dataset {
        let pairs = try Fixtures.expected("pairs", as: [String: [String]].self)
        return try Dataset(["question": pairs["question"]!, "answer": pairs["answer"]!])
    }

    private static func embed(_ anchors: [String], _ passages: [String]) throws -> (Tensor, Tensor) {
        func rows(_ name: String, _ texts: [String]) throws -> Tensor {
            try Fixtures.rows(name).gatheringRows(at: Tensor(indices: texts.map { Int($0.dropFirst())! })).normalized()
        }
        return (try rows("queries", anchors), try rows("corpus", passages))
    }

    private static let corpus = (0..<90).map { "d\($0)" }

    @Test(arguments: [
        "plain", "own corpus", "range", "absolute", "relative", "scores bounded", "n-tuple", "n-tuple scores", "triplet scores",
        "labeled-pair", "labeled-pair scores", "labeled-list", "labeled-list scores", "positives", "scorer", "scorer least",
    ])
    func rowsAreThoseOfTheReference(name: String) throws {
        let found = try mineHardNegatives(
            Self.pairs(), corpus: name == "own corpus" ? nil : Self.corpus, options: Self.options(name),
            scorer: name.hasPrefix("scorer") ? Scorer() : nil, embed: Self.embed)
        let expected = try Fixtures.expected("mined \(name)", as: [String: Cells].self)
        let all = found.dataset.columns + (found.dataset.labels.map { [$0] } ?? [])
        #expect(Set(all.map(\.name)) == Set(expected.keys))
        for column in all {
            switch try #require(expected[column.name]) {
            case .texts(let texts): #expect(Array(column.texts) == texts, "\(column.name)")
            case .textLists(let lists): #expect(column.textLists == lists, "\(column.name)")
            case .numbers(let numbers):
                let values = column.kind == .numberLists ? column.numberLists.flatMap { $0 } : column.values
                #expect(values.count == numbers.count)
                #expect(zip(values, numbers).allSatisfy { ($0 - $1).magnitude < 2e-6 }, "\(column.name)")
            }
        }
        #expect(found.dataset.rowCount > 0)
        #expect(found.negativeScores.count == found.differences.count)
    }

    /// A column of the reference's result; lists of numbers end to end.
    private enum Cells: Decodable {
        case texts([String]), textLists([[String]]), numbers([Double])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let texts = try? container.decode([String].self) {
                self = .texts(texts)
            } else if let lists = try? container.decode([[String]].self) {
                self = .textLists(lists)
            } else if let numbers = try? container.decode([Double].self) {
                self = .numbers(numbers)
            } else {
                self = .numbers(try container.decode([[Double]].self).flatMap { $0 })
            }
        }
    }

    // MARK: Worked by hand

    private static let golden: [String: [Double]] = [
        "q1": [1, 0], "q2": [0, 1], "p1": [0.96, 0.28], "p2": [0.28, 0.96], "c1": [0.8, 0.6], "c2": [0.6, 0.8], "c3": [1, 0],
    ]

    private func mine(_ set: (inout HardNegativeOptions) -> Void) throws -> HardNegatives {
        var options = HardNegativeOptions()
        set(&options)
        let pairs = try Dataset(["query": ["q1", "q2"], "answer": ["p1", "p2"]])
        return try mineHardNegatives(pairs, corpus: ["c1", "c2", "c3"], options: options) { anchors, passages in
            (Tensor(anchors.map { Self.golden[$0]! }), Tensor(passages.map { Self.golden[$0]! }))
        }
    }

    @Test func negativesOfTheGoldenVectors() throws {
        #expect(Array(try mine { $0.numNegatives = 1 }.dataset.columns[2].texts) == ["c3", "c2"])
        let relative = try mine { ($0.numNegatives, $0.relativeMargin) = (2, 0.05) }
        #expect(Array(relative.dataset.columns[2].texts) == ["c1", "c2", "c2", "c1"])
        #expect(relative.skipped == ["relativeMargin": 1])
        let bounded = try mine { ($0.numNegatives, $0.maxScore, $0.outputFormat) = (2, 0.9, .nTuple) }.dataset
        #expect(Array(bounded.columns[2].texts) == ["c1", "c2"] && Array(bounded.columns[3].texts) == ["c2", "c1"])
        let labeled = try mine { ($0.numNegatives, $0.rangeMin, $0.outputFormat) = (1, 1, .labeledPair) }.dataset
        #expect(Array(labeled.columns[1].texts) == ["p1", "c1", "p2", "c1"])
        #expect(labeled.labels?.values == [1, 0, 1, 0])
        let all = try mine { ($0.numNegatives, $0.includePositives, $0.outputScores) = (3, true, true) }.dataset
        #expect((2...4).map { all.columns[$0].texts[0] } == ["c3", "p1", "c1"])
        let scores = [0.96, 1, 0.96, 0.8, 0.96, 0.96, 0.8, 0.6]
        #expect(zip(all.labels!.values, scores).allSatisfy { ($0 - $1).magnitude < 1e-6 })
    }

    @Test func lessThanWantedLeavesListsOfDifferentLengths() throws {
        let found = try mine { ($0.numNegatives, $0.maxScore, $0.outputFormat) = (3, 0.7, .labeledList) }
        #expect(found.dataset.columns[1].textLists == [["p1", "c2", "p2"], ["p2", "c1", "p1", "c3"]])
        #expect(found.dataset.columns.last?.name == "labels")
        #expect(found.dataset.columns.last?.numberLists == [[1, 0, 0], [1, 0, 0, 0]])
        #expect(found.description.contains("3 candidates were dropped by maxScore."))
        #expect(found.description.contains("Median"))
    }

    @Test func randomNegativesAreDrawnFromThoseThatFit() throws {
        var options = HardNegativeOptions()
        (options.samplingStrategy, options.rangeMax, options.absoluteMargin) = (.random, 30, 0.1)
        func negatives(seed: UInt64, _ strategy: HardNegativeOptions.SamplingStrategy, _ count: Int) throws -> [String: Set<String>] {
            (options.seed, options.samplingStrategy, options.numNegatives) = (seed, strategy, count)
            let found = try mineHardNegatives(Self.pairs(), corpus: Self.corpus, options: options, embed: Self.embed).dataset
            return Dictionary(grouping: zip(found.columns[0].texts, found.columns[2].texts), by: \.0).mapValues { Set($0.map(\.1)) }
        }
        let (first, again, other) = (
            try negatives(seed: 1, .random, 3), try negatives(seed: 1, .random, 3), try negatives(seed: 2, .random, 3)
        )
        #expect(first == again && first != other)
        let fitting = try negatives(seed: 1, .top, 30)
        for (anchor, found) in first {
            #expect(found.count == 3)
            #expect(found.isSubset(of: fitting[anchor]!))
        }
        #expect(first != (try negatives(seed: 1, .top, 3)))
    }

    @Test func settingsThatCannotBeAreRefused() throws {
        expectSearchError("numNegatives", "0") { _ = try mine { $0.numNegatives = 0 } }
        expectSearchError("rangeMin", "-1") { _ = try mine { $0.rangeMin = -1 } }
        expectSearchError("rangeMin", "4 and 4") { _ = try mine { ($0.rangeMin, $0.rangeMax) = (4, 4) } }
        expectSearchError("5 negatives", "3 candidates") { _ = try mine { ($0.numNegatives, $0.rangeMin, $0.rangeMax) = (5, 1, 4) } }
        expectSearchError("no hard negative is left", "absoluteMargin dropped 8") { _ = try mine { $0.absoluteMargin = 3 } }
        let texts = try Dataset(["only": ["a"]])
        expectSearchError("anchors and one of positives") { _ = try mineHardNegatives(texts, embed: Self.embed) }
        let pair = try Dataset(["a": ["x"], "b": ["y"]])
        #expect(throws: DatasetError.self) { try mineHardNegatives(pair, positiveColumn: "c", embed: Self.embed) }
        expectSearchError("both anchor and positive") { _ = try mineHardNegatives(pair, positiveColumn: "a", embed: Self.embed) }
        expectSearchError("no hard negative is left", "larger corpus") {
            _ = try mineHardNegatives(pair) { (.ones([$0.count, 2]), .ones([$1.count, 2])) }
        }
        expectSearchError("row 0 of the corpus") {
            _ = try mineHardNegatives(pair) { (.ones([$0.count, 2]), Tensor(repeating: .nan, shape: [$1.count, 2])) }
        }
    }
}
