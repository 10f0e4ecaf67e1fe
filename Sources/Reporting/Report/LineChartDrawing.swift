import Foundation

/// Lays a chart out in a box of 540 units' width and writes its SVG.
///
/// Room for text is kept for letters of 16 units, which narrow screens get; wide ones show 13.
struct LineChartDrawing {
    private let chart: LineChart
    private let isStandalone: Bool
    /// The points to draw, by series; and each line's color.
    private let points: [[ChartSeries.Point]]
    private let colors: [Int]
    private let xAxis: ChartAxis
    private let yAxis: ChartAxis

    private let width = 540.0
    private let plotHeight = 210.0
    private let right = 524.0
    private let left: Double
    private let top: Double
    private let legend: [(x: Double, y: Double, index: Int, name: String)]

    private var bottom: Double { top + plotHeight }
    private var height: Double { bottom + 52 }

    init(_ chart: LineChart, isStandalone: Bool) {
        self.chart = chart
        self.isStandalone = isStandalone
        points = chart.series.map { $0.thinned(to: LineChart.pointLimit) }
        var color = 0
        colors = chart.series.map { line in
            defer { color += line.isBackground ? 0 : 1 }
            return color
        }
        let steps = points.joined().map(\.step)
        xAxis = ChartAxis(steps: (steps.min() ?? 0)...(steps.max() ?? 1))
        yAxis = ChartAxis(values: points.joined().filter(\.isDrawable).map(\.value))
        let labels = yAxis.ticks.map(yAxis.label)
        left = 16 + (labels.map(Self.textWidth).max() ?? 0)

        let legendTop = isStandalone ? 62.0 : 38.0
        var entries: [(x: Double, y: Double, index: Int, name: String)] = []
        var position = (x: 4.0, y: legendTop)
        for (index, line) in chart.series.enumerated() where chart.series.count > 1 {
            let name = line.name.onOneLine.cut(toWidth: 40)
            let room = 44 + Self.textWidth(name)
            if position.x > 4, position.x + room > width { position = (4, position.y + 22) }
            entries.append((position.x, position.y, index, name))
            position.x += room
        }
        legend = entries
        top = (entries.isEmpty ? legendTop - 24 : position.y) + 22
    }

    func svg() -> String {
        var parts = axes() + legendMarks()
        let order =
            chart.series.indices.filter { chart.series[$0].isBackground }
            + chart.series.indices.filter { !chart.series[$0].isBackground }
        for index in order { parts += line(index) }
        parts += gapMarks()
        if points.joined().isEmpty {
            parts.append(SVG.text("no values", x: (left + right) / 2, y: (top + bottom) / 2, anchor: "middle"))
        }
        parts += hits()
        return SVG.drawing(
            width: width, height: height, title: chart.title, label: chart.summary, isStandalone: isStandalone, parts)
    }

    private func axes() -> [String] {
        let yName = chart.yLabel.onOneLine.cut(toWidth: 32)
        let yLabel = [yName, yAxis.factor].compactMap(\.self).joined(separator: " ")
        var parts = [SVG.text(yLabel, x: 4, y: isStandalone ? 40 : 16)]
        for tick in yAxis.ticks {
            let y = y(tick)
            parts.append("<path class=\"grid\" d=\"M\(n(left)) \(n(y))H\(n(right))\"/>")
            parts.append(SVG.text(yAxis.label(tick), x: left - 8, y: y + 5, anchor: "end"))
        }
        parts.append("<path class=\"axis\" d=\"M\(n(left)) \(n(bottom))H\(n(right))\"/>")
        for tick in xAxis.ticks {
            let x = x(tick)
            parts.append("<path class=\"axis\" d=\"M\(n(x)) \(n(bottom))v5\"/>")
            // A label at the right end must not run out of the picture.
            let label = xAxis.label(tick)
            let limit = width - 2 - Self.textWidth(label) / 2
            parts.append(SVG.text(label, x: min(x, limit), y: bottom + 21, anchor: "middle"))
        }
        let xLabel = [chart.xLabel.onOneLine, xAxis.factor].compactMap(\.self).joined(separator: " ")
        return parts + [SVG.text(xLabel, x: (left + right) / 2, y: bottom + 44, anchor: "middle")]
    }

    private func legendMarks() -> [String] {
        legend.flatMap { entry in
            [
                "<path class=\"\(lineStyle(entry.index)) key\" d=\"M\(n(entry.x)) \(n(entry.y - 5))h20\"/>",
                SVG.text(entry.name, x: entry.x + 26, y: entry.y),
            ]
        }
    }

    private func line(_ index: Int) -> [String] {
        let segments = points[index].split { !$0.isDrawable }.map(Array.init)
        let path = segments.filter { $0.count > 1 }.map { segment in
            "M" + segment.map { "\(n(x($0))) \(n(y($0.value)))" }.joined(separator: "L")
        }.joined()
        // A lone point has no line: only a dot can show it. Few points all get one.
        let isSparse = points[index].count <= 40 && !chart.series[index].isBackground
        let dotted = isSparse ? segments.flatMap(\.self) : segments.filter { $0.count == 1 }.flatMap(\.self)
        return (path.isEmpty ? [] : ["<path class=\"\(lineStyle(index))\" d=\"\(path)\"/>"])
            + dotted.map { dot($0, index, radius: 3) }
    }

    private func gapMarks() -> [String] {
        let steps = Set(chart.series.flatMap(\.points).filter { !$0.isDrawable }.map(\.step)).sorted()
        let spread = stride(from: 0, to: steps.count, by: max(1, steps.count / 100)).map { steps[$0] }
        return spread.map { "<path class=\"gap\" d=\"M\(n(x(Double($0)))) \(n(top))v7\"/>" }
    }

    /// Strips side by side over the plot; the one under the pointer shows the values at its step.
    private func hits() -> [String] {
        var values: [Int: [(index: Int, point: ChartSeries.Point)]] = [:]
        // All points, not the thinned ones: lines are thinned each in its own way and would share few steps.
        for (index, line) in chart.series.enumerated() {
            for point in line.points where point.isDrawable {
                values[point.step, default: []].append((index, point))
            }
        }
        let all = values.keys.sorted()
        let count = min(all.count, 120)
        let steps = (0..<count).map { count == 1 ? all[0] : all[$0 * (all.count - 1) / (count - 1)] }
        let places = steps.map { x(Double($0)) }
        return steps.indices.map { position in
            let place = places[position]
            let from = position == 0 ? left : (places[position - 1] + place) / 2
            let to = position == count - 1 ? right : (place + places[position + 1]) / 2
            let shown = values[steps[position], default: []].prefix(5)
            let figures = shown.map { entry in
                "<tspan class=\"c\(colors[entry.index] % LineChart.colorCount)\">"
                    + NumberFormat.general(entry.point.value) + "</tspan>"
            }
            let caption = HTML.escaped("\(chart.xLabel.onOneLine) \(NumberFormat.grouped(steps[position]))")
            return "<g class=\"hit\"><rect x=\"\(n(from))\" y=\"\(n(top))\" "
                + "width=\"\(n(max(0.1, to - from)))\" height=\"\(n(plotHeight))\"/><g class=\"shown\">"
                + "<path class=\"cursor\" d=\"M\(n(place)) \(n(top))V\(n(bottom))\"/>"
                + shown.map { dot($0.point, $0.index, radius: 4) }.joined()
                + "<text x=\"\(n(right))\" y=\"\(isStandalone ? 40 : 16)\" text-anchor=\"end\">"
                + ([caption] + figures).joined(separator: " · ") + "</text></g></g>"
        }
    }

    private func dot(_ point: ChartSeries.Point, _ index: Int, radius: Int) -> String {
        "<circle class=\"dot c\(colors[index] % LineChart.colorCount)\" cx=\"\(n(x(point)))\" "
            + "cy=\"\(n(y(point.value)))\" r=\"\(radius)\"/>"
    }

    private func lineStyle(_ index: Int) -> String {
        "line c\(colors[index] % LineChart.colorCount)" + (chart.series[index].isBackground ? " behind" : "")
            + (colors[index] >= LineChart.colorCount ? " dashed" : "")
    }

    private func x(_ point: ChartSeries.Point) -> Double { x(Double(point.step)) }
    private func x(_ step: Double) -> Double { left + xAxis.position(of: step) * (right - left) }
    private func y(_ value: Double) -> Double { bottom - yAxis.position(of: value) * plotHeight }

    private func n(_ value: Double) -> String { SVG.number(value) }

    /// About the width of a text in letters of 16 units.
    private static func textWidth(_ text: String) -> Double {
        Double(text.displayWidth) * 9
    }
}
