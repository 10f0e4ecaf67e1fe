/// Curves over steps, drawn as SVG without scripts or outside resources.
///
/// Colors follow the reader's light or dark setting, and the values at the step under the pointer are shown.
/// Values that are not finite leave a gap and are marked at the upper edge, never hidden.
/// ```swift
/// let series = ChartSeries("loss", points: points)
/// let chart = LineChart(title: "Loss", xLabel: "step", yLabel: "loss", series: [series])
/// try Data(chart.svg().utf8).write(to: url)
/// ```
public struct LineChart: Sendable {
    /// Above the chart.
    public var title: String
    /// Below the axis of steps.
    public var xLabel: String
    /// Beside the axis of values.
    public var yLabel: String
    /// The lines.
    public var series: [ChartSeries]

    /// The most points of one line that are drawn.
    static let pointLimit = 800

    /// A chart of lines.
    public init(title: String, xLabel: String = "step", yLabel: String, series: [ChartSeries]) {
        self.title = title
        self.xLabel = xLabel
        self.yLabel = yLabel
        self.series = series
    }

    /// The chart as a file of its own.
    public func svg() -> String {
        LineChartDrawing(self, isStandalone: true).svg()
    }

    /// The chart for a page that has `LineChart.styleSheet` and shows the title itself.
    func embeddedSVG() -> String {
        LineChartDrawing(self, isStandalone: false).svg()
    }

    /// The chart in one sentence, for those who cannot see it.
    public var summary: String { remarks.joined(separator: "; ") }

    /// What `summary` says, by line of the chart.
    var remarks: [String] {
        let lines = series.filter { !$0.isBackground }.map { line -> String in
            let points = line.points.filter(\.isDrawable).sorted { $0.step < $1.step }
            guard let first = points.first, let last = points.last,
                let lowest = points.min(by: { $0.value < $1.value }),
                let highest = points.max(by: { $0.value < $1.value })
            else { return "\(line.name): no values" }
            if points.count == 1 { return "\(line.name): \(text(first))" }
            if lowest.value == highest.value { return "\(line.name): \(number(first)) throughout" }
            var parts = ["\(line.name): from \(text(first)) to \(text(last))"]
            let ends = [first.value, last.value]
            if !ends.contains(lowest.value) { parts.append("lowest \(text(lowest))") }
            if !ends.contains(highest.value) { parts.append("highest \(text(highest))") }
            return parts.joined(separator: ", ")
        }
        return (lines.isEmpty ? ["no values"] : lines) + [gapNote].compactMap(\.self)
    }

    /// How many values could not be drawn; nil when all could.
    var gapNote: String? {
        // A smoothed line repeats the gaps of the points behind it.
        let counts = series.map { line in line.points.count { !$0.isDrawable } }
        let behind = zip(series, counts).filter(\.0.isBackground).map(\.1).reduce(0, +)
        let count = behind > 0 ? behind : counts.reduce(0, +)
        return count == 0 ? nil : count == 1 ? "1 value is not finite" : "\(count) values are not finite"
    }

    private func text(_ point: ChartSeries.Point) -> String {
        "\(number(point)) at \(xLabel) \(NumberFormat.grouped(point.step))"
    }

    private func number(_ point: ChartSeries.Point) -> String {
        point.value == 0 ? "0" : NumberFormat.general(point.value)
    }
}
