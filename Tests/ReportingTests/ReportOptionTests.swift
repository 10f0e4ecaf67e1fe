import Autodiff
import Testing

@testable import Reporting

/// Lengths and shares at which something else is shown.
struct ReportOptionTests {
    private func points(_ values: [Double]) -> [ChartSeries.Point] {
        values.enumerated().map { ChartSeries.Point(step: $0.offset + 1, value: $0.element) }
    }

    @Test func twelvePointsAreSmoothed() throws {
        let values = (0..<12).map { Double($0 * $0) }
        #expect(ChartSeries("a", points: points(Array(values.prefix(11)))).smoothed(name: "mean") == nil)
        let smooth = try #require(ChartSeries("a", points: points(values)).smoothed(name: "mean"))
        // Means of three, of fewer at both ends.
        let expected = values.indices.map { index -> Double in
            index == 0 || index == 11 ? values[index] : (values[index - 1] + values[index] + values[index + 1]) / 3
        }
        for (point, value) in zip(smooth.points, expected) { #expect(abs(point.value - value) < 1e-12) }
    }

    @Test func gapsAreCountedOnce() {
        let behind = ChartSeries("a", points: points([1, .nan, 2, .nan, 3]), isBackground: true)
        let before = ChartSeries("a, mean", points: points([1, .nan, 2, .nan, 3]))
        func note(_ series: ChartSeries...) -> String? { LineChart(title: "t", yLabel: "y", series: series).gapNote }
        #expect(
            note(behind, before) == "2 values are not finite" && note(before) == "2 values are not finite"
                && note(before, before) == "4 values are not finite")
        #expect(
            note(ChartSeries("b", points: points([1, .infinity]))) == "1 value is not finite"
                && note(ChartSeries("b", points: points([1]))) == nil)
    }

    @Test(arguments: [
        (0, 1000, "0%"), (5, 1000, "0%"), (995, 1000, "99%"), (999, 1000, "99%"), (1000, 1000, "100%"), (500, 1000, "50%"),
        (12, 10, "100%"),
    ])
    func aShareIsNotRoundedUp(completed: Int, total: Int, text: String) {
        let line = ProgressLine(
            description: "x", completed: completed, total: total, unit: "rows", rate: nil, elapsed: 1, isFinished: false, fields: [:])
        #expect(line.plain().contains("(\(text))"), "\(line.plain())")
    }

    /// Pairs of rows that belong together, and all others; both in bins of the same width.
    @Test func histogramsKnowWhatBelongsTogether() {
        let anchors = Tensor([[1, 0], [0, 1], [-1, 0]]), positives = Tensor([[1, 0], [0, -1], [0, 1]])
        let histogram = SimilarityHistogram(step: 3, anchors: anchors, positives: positives)
        func bins(_ cosines: [Double]) -> [Double] {
            var counts = [Double](repeating: 0, count: 40)
            for cosine in cosines { counts[min(39, Int((cosine + 1) * 20))] += 1 / Double(cosines.count) }
            return counts
        }
        let (own, others) = (bins([1, -1, 0]), bins([0, 0, 0, 1, -1, 0]))
        #expect(
            zip(histogram.positives, own).allSatisfy { abs($0 - $1) < 1e-12 }
                && zip(histogram.negatives, others).allSatisfy { abs($0 - $1) < 1e-12 })
        #expect(abs(histogram.overlap - zip(own, others).reduce(0) { $0 + min($1.0, $1.1) }) < 1e-12)
        let lost = SimilarityHistogram(step: 0, positives: [.nan, 1], negatives: [])
        #expect(lost.positives.reduce(0, +) == 0.5 && lost.negatives.allSatisfy { $0 == 0 })
    }

    @Test func theBestOfAColumnIsTheHighestOrTheLowest() {
        for (best, bold) in [(TextTable.Best.highest, "9"), (.lowest, "1")] {
            var table = TextTable(columns: [.init("n", best: best)], style: .plain)
            for cell in ["5", "9", "1", "-", "5"] { table.addRow(cell) }
            let marked = table.rendered(usesColor: true).split(separator: "\n").filter { $0.contains("\u{1B}[1m") }
            #expect(marked.count == 1 && marked[0].contains(bold))
        }
    }

    @Test(arguments: [
        (9.994, "9.99"), (9.995, "9.99|10.0"), (9.9951, "10.0"), (99.94, "99.9"), (99.951, "100"), (999.4, "999"), (999.5, "1.0k"),
        (99_949, "99.9k"), (99_951, "100k"),
    ])
    func roundingDoesNotAddADigit(value: Double, texts: String) {
        #expect(texts.split(separator: "|").map(String.init).contains(NumberFormat.compact(value)))
    }

    @Test func axesBeginAtZeroWhereItIsNear() {
        #expect(
            ChartAxis(values: [0.39, 1]).lower == 0 && ChartAxis(values: [0.1, 10]).lower == 0 && ChartAxis(values: [0.9, 1]).lower > 0.5)
        #expect(
            ChartAxis(values: [0, 3e6]).exponent == 6 && ChartAxis(values: [0, 4e5]).exponent == 0
                && ChartAxis(values: [0, 2e-3]).exponent == -3)
    }
}
