import Autodiff
import Tables

/// Chooses the negatives of anchors, and puts them into a dataset.
struct HardNegativeMiner {
    /// A passage with its score.
    struct Candidate {
        let row: Int
        var score: Float
    }

    /// Whose candidates are in memory together.
    static let anchorsAtOnce = 16_384

    private let pairs: MiningPairs, options: HardNegativeOptions, range: Range<Int>, scorer: (any PairScorer)?
    /// Of each anchor so far: its positives and its negatives, the closest first.
    private var positives: [[Candidate]] = [], negatives: [[Candidate]] = []
    private var skipped: [String: Int] = [:], candidateCount = 0

    init(pairs: MiningPairs, options: HardNegativeOptions, range: Range<Int>, scorer: (any PairScorer)?) {
        (self.pairs, self.options, self.range, self.scorer) = (pairs, options, range, scorer)
    }

    // MARK: Choosing

    /// - Parameters:
    ///   - anchors: The next ones.
    ///   - queries: Their embeddings, `[Q, D]`.
    ///   - passages: `[N, D]`.
    ///   - similarity: Larger is closer.
    mutating func mine(_ anchors: Range<Int>, queries: Tensor, passages: Tensor, similarity: SimilarityFunction) throws {
        // Room for the positives, which are dropped.
        let matches = try TopMatches.search(
            queries, in: passages, similarity: similarity, limit: range.upperBound + pairs.maxPositives)
        let places = anchors.flatMap { anchor in pairs.positives[anchor].map { (anchor - anchors.lowerBound, $0) } }
        let own = similarity.pairwise(
            queries.gatheringRows(at: Tensor(indices: places.map(\.0))), passages.gatheringRows(at: Tensor(indices: places.map(\.1))))
        var ownScores = own.values.map { Float($0) }[...]
        var anchor = anchors.lowerBound
        for hits in matches.lazy.flatMap(\.hits) {
            var candidates = hits.map { Candidate(row: $0.corpusID, score: $0.score) }
            var known = pairs.positives[anchor].map { Candidate(row: $0, score: ownScores.removeFirst()) }
            if let scorer, options.hasBounds { try rescore(&candidates, &known, of: pairs.anchors[anchor], by: scorer) }
            negatives.append(choose(candidates, positives: known, anchor: anchor))
            positives.append(known)
            anchor += 1
        }
    }

    private func rescore(
        _ candidates: inout [Candidate], _ positives: inout [Candidate], of anchor: String, by scorer: any PairScorer
    ) throws {
        let rows = (candidates + positives).map(\.row)
        let scores = try scorer.scores(of: rows.map { (anchor, pairs.corpus[$0]) })
        guard scores.count == rows.count, scores.allSatisfy(\.isFinite) else {
            throw SearchError("the scorer gave \(scores.count) scores for \(rows.count) pairs, which must be as many, and finite")
        }
        for index in candidates.indices { candidates[index].score = scores[index] }
        for index in positives.indices { positives[index].score = scores[candidates.count + index] }
    }

    private mutating func choose(_ all: [Candidate], positives: [Candidate], anchor: Int) -> [Candidate] {
        let own = Set(options.includePositives ? [] : positives.map(\.row))
        var candidates = all.filter { !own.contains($0.row) }
        candidateCount += candidates.count
        let least = positives.map(\.score).min() ?? .infinity
        func drop(_ name: String, _ bound: Double?, _ isOut: (_ score: Float, _ bound: Float) -> Bool) {
            guard let bound = bound.map({ Float($0) }) else { return }
            let before = candidates.count
            candidates.removeAll { isOut($0.score, bound) }
            if candidates.count < before { skipped[name, default: 0] += before - candidates.count }
        }
        drop("absoluteMargin", options.absoluteMargin) { $0 + $1 > least }
        drop("relativeMargin", options.relativeMargin) { $0 > least - least.magnitude * $1 }
        drop("maxScore", options.maxScore) { $0 > $1 }
        drop("minScore", options.minScore) { $0 < $1 }
        if scorer != nil { candidates.sort { $0.score != $1.score ? $0.score > $1.score : $0.row < $1.row } }
        let rest = candidates.prefix(range.upperBound).dropFirst(range.lowerBound)
        guard options.samplingStrategy == .random, rest.count > options.numNegatives else {
            return Array(rest.prefix(options.numNegatives))
        }
        let draws = Tensor.uniform([rest.count], dtype: .float64, key: RandomKey(options.seed).folded(with: UInt64(anchor)))
        let drawn = draws.topK(options.numNegatives).indices.indices.sorted()
        return drawn.map { rest[rest.startIndex + $0] }
    }

    // MARK: Writing

    /// - Throws: ``SearchError`` if no row is left.
    func result() throws -> HardNegatives {
        let perAnchor = options.numNegatives
        var rows = Rows(), negativeScores: [Double] = [], differences: [Double] = [], missing = 0
        for (anchor, (known, found)) in zip(positives, negatives).enumerated() {
            let text = pairs.anchors[anchor], isComplete = found.count == perAnchor
            switch options.format {
            case .triplet:
                for positive in known {
                    for negative in found { rows.add(text, [positive, negative]) }
                }
                missing += known.count * (perAnchor - found.count)
            case .nTuple:
                if isComplete { for positive in known { rows.add(text, [positive] + found) } } else { missing += known.count }
            case .labeledPair:
                for positive in known { rows.add(text, [positive], labels: [1]) }
                for negative in found { rows.add(text, [negative], labels: [0]) }
                missing += perAnchor - found.count
            case .labeledList:
                guard !found.isEmpty else {
                    missing += known.count
                    continue
                }
                for positive in known { rows.add(text, [positive] + found, labels: [1] + found.map { _ in 0 }) }
            }
            guard options.format != .nTuple || isComplete else { continue }
            for positive in known {
                negativeScores += found.map { Double($0.score) }
                differences += found.map { Double(positive.score) - Double($0.score) }
            }
        }
        guard !negativeScores.isEmpty else {
            let causes = skipped.sorted { $0.key < $1.key }.map { "\($0.key) dropped \($0.value)" }
            throw SearchError(
                "no hard negative is left of \(candidateCount) candidates"
                    + (causes.isEmpty
                        ? "; give a larger corpus or a wider range" : " (\(causes.joined(separator: ", "))); loosen the bounds"))
        }
        return HardNegatives(
            dataset: try dataset(of: rows), positiveScores: positives.flatMap { $0 }.map { Double($0.score) },
            negativeScores: negativeScores, differences: differences, skipped: skipped, missing: missing)
    }

    /// Rows of the result before they become columns.
    private struct Rows {
        var anchors: [String] = [], passages: [[Candidate]] = [], labels: [[Double]] = []

        mutating func add(_ anchor: String, _ candidates: [Candidate], labels: [Double] = []) {
            anchors.append(anchor)
            passages.append(candidates)
            self.labels.append(labels)
        }
    }

    private func dataset(of rows: Rows) throws -> Dataset {
        func texts(_ place: Int) -> [String] { rows.passages.map { pairs.corpus[$0[place].row] } }
        let scores = rows.passages.map { $0.map { Double($0.score) } }
        let hasScores = options.outputScores
        var columns = [Dataset.Column(name: pairs.anchorName, texts: rows.anchors)], labels: Dataset.Column?
        switch options.format {
        case .triplet, .nTuple:
            columns.append(.init(name: pairs.positiveName, texts: texts(0)))
            let names = options.format == .triplet ? ["negative"] : (1...options.numNegatives).map { "negative_\($0)" }
            columns += names.enumerated().map { .init(name: $1, texts: texts($0 + 1)) }
            if hasScores {
                labels = try .init(name: "scores", values: scores.flatMap { $0 }, rowShape: [names.count + 1], areIntegers: false)
            }
        case .labeledPair:
            columns.append(.init(name: pairs.positiveName, texts: texts(0)))
            labels = try .init(
                name: hasScores ? "score" : "label", values: (hasScores ? scores : rows.labels).map { $0[0] }, areIntegers: !hasScores)
        case .labeledList:
            columns.append(.init(name: pairs.positiveName, textLists: rows.passages.map { $0.map { pairs.corpus[$0.row] } }))
            let (name, values) = hasScores ? ("scores", scores) : ("labels", rows.labels)
            if let width = values.first?.count, values.allSatisfy({ $0.count == width }) {
                labels = try .init(name: name, values: values.flatMap { $0 }, rowShape: [width], areIntegers: !hasScores)
            } else {
                columns.append(try .init(name: name, numberLists: values, areIntegers: !hasScores))
            }
        }
        return try Dataset(columns: columns, labels: labels)
    }
}
