import Tables

/// A dataset with hard negatives, and what mining them met.
public struct HardNegatives: Sendable, CustomStringConvertible {
    /// The rows, as `outputFormat` says.
    public let dataset: Dataset
    /// The scores of the positives, one for each different pair.
    public let positiveScores: [Double]
    /// The score of each negative in the result, once for each positive of its anchor.
    public let negativeScores: [Double]
    /// By how much each of these is below that positive.
    public let differences: [Double]
    /// How many candidates each bound dropped, by its name.
    public let skipped: [String: Int]
    /// Rows that would be there if every anchor had found all its negatives.
    public let missing: Int

    /// A table of the scores, and what was dropped.
    public var description: String {
        let columns = [positiveScores, negativeScores, differences].map { $0.sorted() }
        func row(_ name: String, _ value: ([Double]) -> Double) -> String {
            ([name] + columns.map { column in column.isEmpty ? "–" : Self.fixed(value(column)) }).map { Self.padded($0) }.joined(
                separator: " ")
        }
        func quantile(_ part: Double) -> ([Double]) -> Double {
            { sorted in
                let place = part * Double(sorted.count - 1), low = Int(place)
                let high = min(low + 1, sorted.count - 1)
                return sorted[low] + (place - Double(low)) * (sorted[high] - sorted[low])
            }
        }
        func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
        func deviation(_ values: [Double]) -> Double {
            let middle = mean(values)
            return (values.reduce(0) { $0 + ($1 - middle) * ($1 - middle) } / Double(max(1, values.count - 1))).squareRoot()
        }
        var lines = [
            ["Metric", "Positive", "Negative", "Difference"].map { Self.padded($0) }.joined(separator: " "),
            (["Count"] + columns.map { "\($0.count)" }).map { Self.padded($0) }.joined(separator: " "),
            row("Mean", mean), row("Median", quantile(0.5)), row("Std", deviation), row("Min", quantile(0)), row("25%", quantile(0.25)),
            row("50%", quantile(0.5)), row("75%", quantile(0.75)), row("Max", quantile(1)),
        ]
        lines += skipped.sorted { $0.key < $1.key }.map { "\($0.value) candidates were dropped by \($0.key)." }
        if missing > 0 { lines.append("\(missing) rows are missing for want of negatives; a wider range or looser bounds give more.") }
        return lines.joined(separator: "\n")
    }

    private static func fixed(_ value: Double) -> String {
        let digits = "\(Int((value.magnitude * 10_000).rounded()))"
        let padded = String(repeating: "0", count: max(0, 5 - digits.count)) + digits
        return (value < 0 ? "-" : "") + padded.dropLast(4) + "." + padded.suffix(4)
    }

    private static func padded(_ text: String) -> String { String(repeating: " ", count: max(0, 12 - text.count)) + text }
}
