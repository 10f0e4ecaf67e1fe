import Foundation
import Requirements
import SentenceEmbeddings
import Training

/// How well the most alike pairs of many sentences are those that are known to mean the same: `average_precision`, and
/// `f1`, `precision`, `recall`, `threshold` at the best F1.
public struct ParaphraseMiningEvaluator: Evaluator {
    /// Ids and texts, in their order.
    public let sentences: [(id: String, text: String)]
    /// Places in `sentences` that mean the same, `[i, j]` with i < j.
    private let duplicates: Set<[Int]>
    public var name: String
    /// Of how many pairs at most, and of how many neighbors of each sentence.
    public var maxPairs: Int, topK: Int
    /// Sentences that are embedded together.
    public var batchSize: Int
    /// Keeps the first so many numbers; nil: what the model says.
    public var truncateDimension: Int?
    /// Whether it appends its metrics to a file.
    public var writesCSV: Bool

    /// Sentences with ids, and pairs of ids that mean the same, in any order; with `addsTransitiveClosure` what means the same as
    /// a third one does, too. Ids that no sentence has are left out. Traps where an id comes twice, or no pair is left.
    public init(
        sentences: [(id: String, text: String)], duplicates: [(String, String)], addsTransitiveClosure: Bool = false, name: String = "",
        maxPairs: Int = 500_000, topK: Int = 100, batchSize: Int = 16, truncateDimension: Int? = nil, writesCSV: Bool = true
    ) {
        let place = Dictionary(sentences.enumerated().map { ($1.id, $0) }) { _, _ in
            refuse("ParaphraseMiningEvaluator: two sentences have the same id")
        }
        var pairs = Set(
            duplicates.compactMap { a, b -> [Int]? in
                guard let i = place[a], let j = place[b], i != j else { return nil }
                return [min(i, j), max(i, j)]
            })
        if addsTransitiveClosure { pairs = Self.transitiveClosure(pairs, count: sentences.count) }
        require(!pairs.isEmpty, "ParaphraseMiningEvaluator: no two sentences are said to mean the same")
        self.duplicates = pairs
        (self.sentences, self.name, self.maxPairs, self.topK) = (sentences, name, maxPairs, topK)
        (self.batchSize, self.truncateDimension, self.writesCSV) = (batchSize, truncateDimension, writesCSV)
    }

    /// All pairs within what hangs together.
    private static func transitiveClosure(_ pairs: Set<[Int]>, count: Int) -> Set<[Int]> {
        var group = Array(0..<count)
        func root(_ i: Int) -> Int {
            var i = i
            while group[i] != i { i = group[i] }
            return i
        }
        for pair in pairs { group[root(pair[1])] = root(pair[0]) }
        let members = Dictionary(grouping: 0..<count, by: root).values
        return Set(members.flatMap { members in members.indices.flatMap { i in members[..<i].map { [$0, members[i]] } } })
    }

    private static let metrics = ["average_precision", "f1", "precision", "recall", "threshold"]

    public func metricNames(for model: SentenceTransformer) -> [String]? { named(Self.metrics) }

    public func callAsFunction(
        _ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int
    ) throws -> EvaluationResult {
        let mined = model.paraphraseMining(
            sentences.map(\.text), batchSize: batchSize, maxPairs: maxPairs, topK: topK, truncateDimension: truncateDimension)
        let figures = figures(of: mined)
        if let outputPath, writesCSV {
            let columns = ["precision", "recall", "f1", "threshold", "average_precision"]
            let file = ResultsFile("paraphrase_mining_evaluation", of: name, columns: columns)
            try file.append(columns.map { figures[$0]! }, epoch: epoch, steps: steps, in: outputPath)
        }
        return named(Self.metrics.map { (key: $0, value: figures[$0]!) }, primary: "average_precision")
    }

    /// - Parameter mined: The closest first; pairs of equal scores count together.
    func figures(of mined: [MinedPair]) -> [String: Double] {
        var figures = Dictionary(uniqueKeysWithValues: Self.metrics.map { ($0, 0.0) })
        let total = Double(duplicates.count)
        var (correct, counted, precisions) = (0.0, 0.0, 0.0)
        for (place, pair) in mined.enumerated() {
            if duplicates.contains([pair.i, pair.j]) { correct += 1 }
            let next = place + 1 < mined.count ? mined[place + 1].score : pair.score
            guard next != pair.score || place + 1 == mined.count, correct > counted else { continue }
            let (precision, recall) = (correct / Double(place + 1), correct / total)
            precisions += precision * (correct - counted)
            counted = correct
            let f1 = 2 * precision * recall / (precision + recall)
            guard f1 > figures["f1"]! else { continue }
            (figures["f1"], figures["precision"], figures["recall"]) = (f1, precision, recall)
            figures["threshold"] = (Double(pair.score) + Double(next)) / 2
        }
        figures["average_precision"] = precisions / total
        return figures
    }
}
