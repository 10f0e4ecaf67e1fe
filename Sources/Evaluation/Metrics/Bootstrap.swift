import Tables
import Training

/// Intervals that say how far metrics could be off, had other rows been drawn (Efron 1979): the middle 95 % of what they are on rows
/// that are drawn again, with replacement.
enum Bootstrap {
    private static let resampleCount = 1000
    private static let tail = 0.025

    /// - Parameters:
    ///   - rowCount: N.
    ///   - figures: The metrics of some of the rows, which may come several times.
    /// - Returns: One interval a metric; a metric that is not finite on some of the draws is judged by the others, and by none is NaN.
    static func intervals(rowCount: Int, _ figures: ([Int]) -> [Double]) -> [EvaluationResult.Interval] {
        // The same rows each time, so that two models are compared on the same draws.
        var generator = MersenneTwister(seed: 0)
        let draws = (0..<resampleCount).map { _ in
            figures((0..<rowCount).map { _ in Int(generator.next() % UInt32(rowCount)) })
        }
        return draws[0].indices.map { metric in
            let values = draws.map { $0[metric] }.filter(\.isFinite).sorted()
            guard let last = values.indices.last else { return (.nan, .nan) }
            return (values[Int((Double(last) * tail).rounded())], values[Int((Double(last) * (1 - tail)).rounded())])
        }
    }
}

extension [Double] {
    /// The mean of some elements, which may come several times.
    func mean(of rows: some Collection<Int>) -> Double { rows.reduce(0) { $0 + self[$1] } / Double(rows.count) }
}
