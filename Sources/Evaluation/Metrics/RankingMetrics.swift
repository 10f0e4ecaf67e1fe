import Foundation
import Requirements

/// How well a ranked list puts what is relevant first.
///
/// Reference: Järvelin & Kekäläinen 2002 for nDCG; ties as in McSherry & Najork 2008.
public struct RankingMetrics: Sendable {
    /// Whether what stands at each rank is relevant, the best rank first.
    public let isRelevant: [Bool]
    /// How much is relevant in all, ranked or not.
    public let relevantCount: Int

    /// A ranked list, and how much there was to find.
    public init(isRelevant: [Bool], relevantCount: Int) {
        self.isRelevant = isRelevant
        self.relevantCount = relevantCount
    }

    private func hits(_ k: Int) -> Double { Double(isRelevant.prefix(k).count { $0 }) }

    /// 1 if something among the first k is relevant.
    public func accuracy(at k: Int) -> Double { hits(k) > 0 ? 1 : 0 }

    /// The relevant share of k ranks, whether there are so many or not.
    public func precision(at k: Int) -> Double { hits(k) / Double(k) }

    /// The share of what is relevant that stands among the first k.
    public func recall(at k: Int) -> Double { hits(k) / Double(relevantCount) }

    /// One over the rank of the first relevant one; 0 where it is beyond k.
    public func reciprocalRank(at k: Int) -> Double {
        isRelevant.prefix(k).firstIndex(of: true).map { 1 / Double($0 + 1) } ?? 0
    }

    /// Discounted cumulative gain over that of the best list.
    public func nDCG(at k: Int) -> Double {
        let gain = isRelevant.prefix(k).enumerated().reduce(0) { $1.element ? $0 + Self.discount($1.offset) : $0 }
        let best = (0..<min(relevantCount, k)).reduce(0) { $0 + Self.discount($1) }
        return best == 0 ? 0 : gain / best
    }

    /// The mean precision at the ranks of relevant ones, of as many as there could be.
    public func averagePrecision(at k: Int) -> Double {
        var (hits, sum) = (0.0, 0.0)
        for (place, isRelevant) in isRelevant.prefix(k).enumerated() where isRelevant {
            hits += 1
            sum += hits / Double(place + 1)
        }
        return sum / Double(min(k, relevantCount))
    }

    private static func discount(_ place: Int) -> Double { 1 / log2(Double(place) + 2) }

    /// Discounted cumulative gain over that of the best list, where equal scores share the discounts of their ranks.
    ///
    /// - Parameters:
    ///   - gains: Of each candidate.
    ///   - scores: By which candidates are ranked, as many. Traps where they differ in number.
    ///   - k: Up to which rank it looks.
    public static func nDCG(gains: [Double], scores: [Float], at k: Int) -> Double {
        require(gains.count == scores.count, "nDCG: \(gains.count) gains, \(scores.count) scores")
        let discounts = gains.indices.map { $0 < k ? discount($0) : 0 }
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var (gain, start) = (0.0, 0)
        while start < order.count {
            let end = order[start...].firstIndex { scores[$0] != scores[order[start]] } ?? order.count
            let mean = order[start..<end].reduce(0) { $0 + gains[$1] } / Double(end - start)
            gain += mean * discounts[start..<end].reduce(0, +)
            start = end
        }
        let best = zip(gains.sorted(by: >), discounts).reduce(0) { $0 + $1.0 * $1.1 }
        return best == 0 ? 0 : gain / best
    }
}
