/// One line of a chart.
public struct ChartSeries: Sendable {
    /// A value at a step. One that is not finite leaves a gap in the line.
    public struct Point: Sendable, Equatable {
        /// Where it stands from left to right.
        public var step: Int
        /// How high it stands.
        public var value: Double

        /// A value at a step.
        public init(step: Int, value: Double) {
            self.step = step
            self.value = value
        }
    }

    /// What the legend calls it.
    public var name: String
    /// Its points, in any order.
    public var points: [Point]
    /// Drawn thin and pale, behind the other lines, and in the color of the line after it.
    public var isBackground: Bool

    /// A line of points.
    public init(_ name: String, points: [Point], isBackground: Bool = false) {
        self.name = name
        self.points = points
        self.isBackground = isBackground
    }

    /// A running mean of these points, centered so that it does not lag, over about a twenty-fifth of them.
    ///
    /// Nil when there are too few points for a mean to say more than they do.
    func smoothed(name: String) -> ChartSeries? {
        guard points.count >= 12 else { return nil }
        let radius = max(1, points.count / 50)
        let ordered = points.sorted { $0.step < $1.step }
        var sums = [0.0]
        var counts = [0]
        for point in ordered {
            sums.append(sums[sums.count - 1] + (point.isDrawable ? point.value : 0))
            counts.append(counts[counts.count - 1] + (point.isDrawable ? 1 : 0))
        }
        let means = ordered.indices.map { index in
            // The window shrinks at both ends, evenly, so that the mean stays centered there.
            let reach = min(radius, index, ordered.count - 1 - index)
            let range = (index - reach, index + reach + 1)
            let count = counts[range.1] - counts[range.0]
            let mean = ordered[index].isDrawable ? (sums[range.1] - sums[range.0]) / Double(count) : .nan
            return Point(step: ordered[index].step, value: mean)
        }
        return ChartSeries(name, points: means)
    }

    /// The points in order of their steps, thinned to about `count`: of every bucket the lowest and the highest
    /// stay, so that no peak is lost; a bucket without a drawable value stays a gap; the last point stays.
    func thinned(to count: Int) -> [Point] {
        let ordered = points.sorted { $0.step < $1.step }
        guard ordered.count > count, count >= 4, let final = ordered.last else { return ordered }
        let buckets = count / 2
        var result: [Point] = []
        for bucket in 0..<buckets {
            let slice = ordered[(bucket * ordered.count / buckets)..<((bucket + 1) * ordered.count / buckets)]
            let drawable = slice.indices.filter { slice[$0].isDrawable }
            guard
                let lowest = drawable.min(by: { slice[$0].value < slice[$1].value }),
                let highest = drawable.max(by: { slice[$0].value < slice[$1].value })
            else {
                result += slice.prefix(1)
                continue
            }
            result += Set([lowest, highest]).sorted().map { slice[$0] }
        }
        if result.last != final, final.isDrawable { result.append(final) }
        return result
    }
}

extension ChartSeries.Point {
    /// Whether the value is finite, and not so large that an axis could not hold it.
    var isDrawable: Bool { value.isFinite && abs(value) <= ChartAxis.largest }
}
