import Requirements

/// How well a threshold on a score tells the pairs of one class from those of the other.
///
/// Rows of equal scores stay together: a threshold lies between different scores only.
public struct BinaryClassificationMetrics: Sendable {
    /// The best share of right answers, and the threshold that gives it.
    public private(set) var accuracy = 0.0, accuracyThreshold: Float = -1
    /// The best F1, with its threshold, precision and recall.
    public private(set) var f1 = 0.0, f1Threshold: Float = 0, precision = 0.0, recall = 0.0
    /// The mean of the precisions at which recall grows, without interpolation; 0 without a positive.
    public private(set) var averagePrecision = 0.0
    /// Matthews' correlation at the threshold of the best F1; 0 where it is not defined.
    public private(set) var matthewsCorrelation = 0.0

    /// The figures of scores and labels, as many of one as of the other. Traps where they differ in number.
    ///
    /// - Parameters:
    ///   - scores: `[N]`, in the precision of thresholds, which lie in the middle of two of them.
    ///   - labels: Whether each pair belongs together.
    ///   - higherIsSimilar: False for distances.
    public init(scores: [Float], labels: [Bool], higherIsSimilar: Bool = true) {
        require(scores.count == labels.count, "BinaryClassificationMetrics: \(scores.count) scores, \(labels.count) labels")
        let order = scores.indices.sorted {
            scores[$0] != scores[$1] ? (scores[$0] > scores[$1]) == higherIsSimilar : $0 < $1
        }
        guard let first = order.first else { return }
        let total = (all: Double(labels.count), positive: Double(labels.count { $0 }))
        // With a threshold beyond the first score nothing is similar.
        accuracy = (total.all - total.positive) / total.all
        accuracyThreshold = higherIsSimilar ? scores[first].nextUp : scores[first].nextDown
        var (taken, correct, lastRecall) = (0.0, 0.0, 0.0)
        for (place, row) in order.enumerated() {
            taken += 1
            if labels[row] { correct += 1 }
            let next = place + 1 < order.count ? scores[order[place + 1]] : nil
            if next == scores[row] { continue }
            let threshold = Self.threshold(scores[row], next)
            let rightly = (correct + (total.all - total.positive) - (taken - correct)) / total.all
            if rightly > accuracy { (accuracy, accuracyThreshold) = (rightly, threshold) }
            guard correct > 0 else { continue }
            let (p, r) = (correct / taken, correct / total.positive)
            averagePrecision += (r - lastRecall) * p
            lastRecall = r
            let f = 2 * p * r / (p + r)
            if f > f1 { (f1, precision, recall, f1Threshold) = (f, p, r, threshold) }
        }
        matthewsCorrelation = Self.matthewsCorrelation(
            zip(scores, labels).map { (higherIsSimilar ? $0 >= f1Threshold : $0 <= f1Threshold, $1) })
    }

    /// Halfway between a score and the next one, or the score itself where that is no place of its own.
    private static func threshold(_ score: Float, _ next: Float?) -> Float {
        guard let next else { return score }
        let middle = (score + next) / 2
        return middle == next ? score : middle
    }

    private static func matthewsCorrelation(_ rows: [(predicted: Bool, true: Bool)]) -> Double {
        func count(_ predicted: Bool, _ label: Bool) -> Double { Double(rows.count { $0.predicted == predicted && $0.true == label }) }
        let (tp, fp, fn, tn) = (count(true, true), count(true, false), count(false, true), count(false, false))
        let square = (tp + fp) * (tp + fn) * (tn + fp) * (tn + fn)
        return square == 0 ? 0 : (tp * tn - fp * fn) / square.squareRoot()
    }
}
