import Requirements

/// Correlations of two lists of numbers, in double precision.
public enum Correlation {
    /// Pearson's r; NaN when one list is constant.
    public static func pearson(_ x: [Double], _ y: [Double]) -> Double {
        require(x.count == y.count, "Correlation: \(x.count) and \(y.count) numbers")
        let (meanX, meanY) = (x.reduce(0, +) / Double(x.count), y.reduce(0, +) / Double(y.count))
        var (xy, xx, yy) = (0.0, 0.0, 0.0)
        for (a, b) in zip(x, y) {
            xy += (a - meanX) * (b - meanY)
            xx += (a - meanX) * (a - meanX)
            yy += (b - meanY) * (b - meanY)
        }
        return xy / (xx * yy).squareRoot()
    }

    /// Spearman's ρ: Pearson's r of the ranks; equal numbers share their mean rank. NaN when one list is constant or
    /// holds a NaN, which has no rank.
    public static func spearman(_ x: [Double], _ y: [Double]) -> Double {
        if (x + y).contains(where: \.isNaN) { return .nan }
        return pearson(ranks(x), ranks(y))
    }

    static func ranks(_ x: [Double]) -> [Double] {
        let order = x.indices.sorted { x[$0] < x[$1] }
        var ranks = [Double](repeating: 0, count: x.count)
        var start = 0
        while start < order.count {
            var end = start
            while end + 1 < order.count && x[order[end + 1]] == x[order[start]] { end += 1 }
            for position in start...end { ranks[order[position]] = Double(start + end) / 2 + 1 }
            start = end + 1
        }
        return ranks
    }
}
