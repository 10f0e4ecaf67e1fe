import Foundation
import Testing

#if canImport(FoundationXML)
    import FoundationXML
#endif

@testable import Reporting

/// The elements, attributes and text of a well-formed document.
private final class Document: NSObject, XMLParserDelegate {
    private(set) var elements: [(name: String, attributes: [String: String])] = []
    private(set) var text = ""

    init(_ markup: String) throws {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        let isWellFormed = parser.parse()
        try #require(isWellFormed, "line \(parser.lineNumber): \(parser.parserError as Any)")
        try #require(!elements.isEmpty)
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        elements.append((name, attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

    func all(_ name: String, style: String? = nil) -> [[String: String]] {
        elements.filter { element in
            let styles = element.attributes["class", default: ""].split(separator: " ").map(String.init)
            return element.name == name && (style.map(styles.contains) ?? true)
        }.map(\.attributes)
    }
}

private func points(_ values: [Double]) -> [ChartSeries.Point] {
    values.enumerated().map { ChartSeries.Point(step: $0.offset + 1, value: $0.element) }
}

private func chart(_ series: ChartSeries...) -> LineChart {
    LineChart(title: "Loss", yLabel: "loss", series: series)
}

struct LineChartTests {
    static let cases: [(name: String, values: [Double])] = [
        ("none", []), ("one", [0.7]), ("one zero", [0]), ("one not finite", [.nan]), ("two", [1, 2]),
        ("constant", [2e-5, 2e-5, 2e-5]), ("constant but for rounding", [0.1 + 0.2, 0.3, 0.3]),
        ("negative", [-5, -3, -4]), ("gaps", [1, .nan, 2, 3, .infinity, -.infinity, 4]),
        ("tiny", [.leastNonzeroMagnitude, .leastNormalMagnitude]), ("huge", [1e308, -1e308, 1]),
        ("large", [1e149, -1e149]),
        ("many", (0..<5000).map { 1 / Double($0 + 1) }),
        ("many with gaps", (0..<5000).map { $0 % 1000 < 100 ? .nan : sin(Double($0) / 100) }),
    ]

    @Test(arguments: cases) func everyChartIsWellFormedAndOfFiniteSize(name: String, values: [Double]) throws {
        let chart = chart(ChartSeries("loss", points: points(values)))
        for markup in [chart.svg(), chart.embeddedSVG()] {
            let document = try Document(markup)
            var drawn = 0
            for (_, attributes) in document.elements {
                for key in ["d", "x", "y", "cx", "cy", "width", "height"] {
                    guard let value = attributes[key], attributes["role"] == nil else { continue }
                    drawn += 1
                    #expect(!value.lowercased().contains("n") && !value.contains("e"), "\(key)=\(value)")
                    let numbers = value.split { "MLHVv ".contains($0) || $0 == "h" }.map { Double($0) }
                    // The box is 540 wide; a coordinate beyond it, or one that is no number, is a mistake.
                    let areInside = numbers.allSatisfy { $0.map { (0...540).contains($0) } ?? false }
                    #expect(!numbers.isEmpty && areInside, "\(key)=\(value)")
                }
            }
            #expect(drawn > 0)
            #expect(document.text.contains("no values") == values.isEmpty)
        }
    }

    @Test func thePathGoesThroughThePointsAndBreaksAtGaps() throws {
        let series = ChartSeries("loss", points: points([1, 2, .nan, 4, .nan, 0, 3]))
        let document = try Document(chart(series).svg())
        let line = try #require(document.all("path", style: "line").first?["d"])
        // Two stretches of two points; the lone fourth point is only a dot.
        #expect(line.filter { $0 == "M" }.count == 2 && line.filter { $0 == "L" }.count == 2)
        let dots = document.all("circle").filter { $0["r"] == "3" }
        #expect(dots.count == 5)
        #expect(document.all("path", style: "gap").count == 2)
        // The axis goes from 0 to 4 over 210 units, so 1 lies three quarters down from 4 and 0 at the foot.
        let heights = try dots.map { try #require($0["cy"].flatMap { Double($0) }) }
        try #require(heights.count == 5)
        #expect(abs((heights[0] - heights[2]) - 157.5) < 0.02 && abs((heights[3] - heights[2]) - 210) < 0.02)
    }

    @Test func thinningKeepsPeaksEndsAndGaps() throws {
        var values = (0..<5000).map { _ in 1.0 }
        values[1234] = 9
        values[3456] = -9
        for index in 2000..<2100 { values[index] = .nan }
        let all = points(values)
        let thinned = ChartSeries("loss", points: all.reversed()).thinned(to: 800)
        #expect(thinned.count <= 801 && thinned.count > 400)
        #expect(thinned.contains(all[1234]) && thinned.contains(all[3456]))
        #expect(thinned.first == all.first && thinned.last == all.last)
        #expect(thinned.map(\.step) == thinned.map(\.step).sorted())
        #expect(thinned.contains { $0.value.isNaN })
        #expect(ChartSeries("loss", points: points([3, 1])).thinned(to: 800) == points([3, 1]))
    }

    @Test func smoothingDoesNotLagAndSkipsGaps() throws {
        let straight = points((0..<200).map { Double($0) * 0.5 })
        let smooth = try #require(ChartSeries("loss", points: straight).smoothed(name: "mean"))
        #expect(smooth.points.map(\.step) == straight.map(\.step))
        for (a, b) in zip(smooth.points, straight) { #expect(abs(a.value - b.value) < 1e-9) }

        var values = (0..<100).map { $0 % 2 == 0 ? 1.0 : 3.0 }
        values[50] = .nan
        let wavy = try #require(ChartSeries("loss", points: points(values)).smoothed(name: "mean"))
        #expect(wavy.points[50].value.isNaN)
        // Around a 1 at index 20, radius 2: (1 + 3 + 1 + 3 + 1) / 5.
        #expect(abs(wavy.points[20].value - 1.8) < 1e-12)
        // At 51 one of the five is missing: (3 + 3 + 1 + 3) / 4.
        #expect(abs(wavy.points[51].value - 2.5) < 1e-12)
        #expect(ChartSeries("loss", points: points([1, 2, 3])).smoothed(name: "mean") == nil)
    }

    @Test func valuesThatAreNotFiniteAreCounted() {
        #expect(
            chart(ChartSeries("loss", points: points([1, .nan, .infinity, 2]))).summary
                == "loss: from 1.0000 at step 1 to 2.0000 at step 4; 2 values are not finite")
        #expect(
            chart(ChartSeries("loss", points: points([2, 1, 5, 3]))).summary
                == "loss: from 2.0000 at step 1 to 3.0000 at step 4, "
                + "lowest 1.0000 at step 2, highest 5.0000 at step 3")
        #expect(chart(ChartSeries("lr", points: points([0, 0]))).summary == "lr: 0 throughout")
        #expect(chart().summary == "no values")
    }

    @Test func colorsOfLinesAndTextsCanBeSeen() throws {
        for palette in [LineChart.lightColors, LineChart.darkColors] {
            var colors: [String: Int] = [:]
            for match in palette.matches(of: /--([a-z0-9-]+): #([0-9a-f]{6})/) {
                colors[String(match.1)] = Int(match.2, radix: 16)
            }
            let grounds = try [#require(colors["background"]), #require(colors["surface"])]
            let texts = ["text", "muted", "good", "bad"] + (0..<LineChart.colorCount).map { "line-\($0)" }
            for ground in grounds {
                for name in texts {
                    // 4.5 : 1 is what WCAG 2 asks of text; the lines' colors are also those of figures.
                    #expect(contrast(try #require(colors[name]), ground) >= 4.5, "\(name)")
                }
                #expect(contrast(try #require(colors["bar"]), ground) >= 3)
            }
        }
    }

    /// The contrast ratio of two sRGB colors as WCAG 2 defines it.
    private func contrast(_ a: Int, _ b: Int) -> Double {
        func luminance(_ color: Int) -> Double {
            let parts = [16, 8, 0].map { shift -> Double in
                let part = Double((color >> shift) & 255) / 255
                return part <= 0.04045 ? part / 12.92 : pow((part + 0.055) / 1.055, 2.4)
            }
            return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]
        }
        let values = [luminance(a), luminance(b)].sorted()
        return (values[1] + 0.05) / (values[0] + 0.05)
    }
}

struct ChartAxisTests {
    @Test func ticksAreNiceNumbers() {
        func labels(_ axis: ChartAxis) -> [String] { axis.ticks.map(axis.label) }
        #expect(labels(ChartAxis(values: [0.3, 3.1])) == ["0", "1", "2", "3", "4"])
        #expect(labels(ChartAxis(values: [0.71, 0.83])) == ["0.70", "0.75", "0.80", "0.85"])
        #expect(labels(ChartAxis(values: [-1, 1])) == ["-1.0", "-0.5", "0.0", "0.5", "1.0"])
        let small = ChartAxis(values: [0, 2e-5])
        #expect(labels(small) == ["0.0", "0.5", "1.0", "1.5", "2.0"] && small.factor == "×10⁻⁵")
        #expect(labels(ChartAxis(steps: 1...4000)) == ["1,000", "2,000", "3,000", "4,000"])
        #expect(labels(ChartAxis(steps: 7...7)) == ["6", "7", "8"])
        #expect(labels(ChartAxis(steps: 0...3)) == ["0", "1", "2", "3"])
        #expect(labels(ChartAxis(steps: 0...3_000_000)) == ["0.0", "0.5", "1.0", "1.5", "2.0", "2.5", "3.0"])
        #expect(ChartAxis(steps: 0...3_000_000).factor == "×10⁶")
    }

    @Test(
        arguments: [
            [], [0], [5], [-2e-5], [1, 1e140], [1e-140, 2e-140], [0.3, 0.1 + 0.2], [-7, 19],
        ] as [[Double]])
    func valuesLieBetweenTheFirstAndTheLastTick(values: [Double]) {
        let axis = ChartAxis(values: values)
        #expect((2...12).contains(axis.ticks.count), "\(axis.ticks)")
        for value in values { #expect((-1e-6...1.000001).contains(axis.position(of: value))) }
        let labels = axis.ticks.map(axis.label)
        #expect(Set(labels).count == labels.count && labels.allSatisfy { $0.count <= 6 }, "\(labels)")
    }
}

struct TrainingReportTests {
    private let attack = "<script>alert(\"x\" & 'y')</script>"

    private var report: TrainingReport {
        TrainingReport(
            title: "Run \(attack)", summary: "Summary \(attack)",
            metrics: [
                .init("accuracy \(attack)", before: 0.5, after: 0.75),
                .init("loss", before: 1, after: 2, higherIsBetter: false),
                .init("new", before: nil, after: 0.5), .init("broken", before: .nan, after: 0.5),
                .init("same", before: 1, after: 1),
            ],
            lossCurve: points((0..<3000).map { $0 == 70 ? .nan : 1 / Double($0 + 1) }),
            learningRateCurve: points([1e-5, 2e-5, 0]),
            evaluationCurves: [
                .init("curve \(attack)", points: points([0.5, 0.6])), .init("empty", points: []),
            ],
            facts: [("seed \(attack)", attack)], model: [("modules", attack)],
            arguments: [("seed", attack), (attack, "1")],
            ranking: .init(
                query: attack, sentences: [("low", -0.25), (attack, 0.75), ("broken", .nan), ("mid", 0.5)]))
    }

    @Test func thePageIsWellFormedAndHoldsEverything() throws {
        let document = try Document(report.html())
        #expect(document.all("html").first?["lang"] == "en")
        #expect(document.all("h1").count == 1 && document.all("h2").count == 4)
        let charts = document.all("svg")
        #expect(charts.count == 3)
        for chart in charts { #expect(chart["role"] == "img" && chart["aria-label", default: ""].count > 20) }
        #expect(document.all("table").count == 4 && document.all("caption").count == 4)
        #expect(document.text.contains("+0.2500 better") && document.text.contains("+1.0000 worse"))
        #expect(document.text.contains("NaN") && document.text.contains("1 value is not finite"))
    }

    @Test func sentencesAreTextNotMarkup() throws {
        let html = report.html()
        #expect(!html.contains("<script") && !html.contains("alert(\""))
        let document = try Document(html)
        #expect(document.all("script").isEmpty)
        // What was escaped comes back whole, in every part of the page.
        #expect(document.text.components(separatedBy: attack).count - 1 >= 10)
    }

    @Test func thePageNeedsNothingFromOutside() throws {
        let html = report.html()
        for word in ["src=", "href=", "url(", "@import"] { #expect(!html.contains(word)) }
        let links = html.components(separatedBy: "://").count - 1
        let namespaces = html.components(separatedBy: "xmlns=\"http://www.w3.org/").count - 1
        #expect(links == namespaces && links == 4)
        #expect(html.contains("prefers-color-scheme: dark") && html.contains("@media print"))
    }

    @Test func theRankingIsSortedAndItsBarsStartAtZero() throws {
        let html = report.html()
        let scores = html.matches(of: /<span class="number">([^<]+)</).map { String($0.1) }
        #expect(scores == ["0.750", "0.500", "-0.250", "NaN"])
        // From -0.25 to 1: zero lies at 20 %, 0.75 takes 60 %.
        let bars = html.matches(of: /margin-left:([0-9.]+)%;width:([0-9.]+)%/).map { "\($0.1) \($0.2)" }
        #expect(bars == ["20.0 60.0", "20.0 40.0", "0.0 20.0", "20.0 0.0"])
    }

    @Test func anEmptyReportIsATitle() throws {
        let document = try Document(TrainingReport(title: "Nothing", summary: "No step was taken.").html())
        #expect(document.all("h1").count == 1 && document.all("h2").isEmpty && document.all("svg").isEmpty)
    }

    @Test func charactersThatXMLForbidsAreReplaced() throws {
        #expect(HTML.escaped("a\u{0}b\u{1B}c\u{FFFF}\n") == "a\u{FFFD}b\u{FFFD}c\u{FFFD}\n")
        #expect(HTML.breakableName("dev_mapScore<") == "dev_<wbr/>map<wbr/>Score&lt;")
        let report = TrainingReport(title: "\u{0}\u{7}", summary: "\u{1F}", facts: [("\u{C}", "\u{B}")])
        _ = try Document(report.html())
    }

    @Test func writingReplacesTheFileAndLeavesNothingElse() throws {
        let files = FileManager.default
        let folder = files.temporaryDirectory.appendingPathComponent("report-\(UUID().uuidString)")
        try files.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let url = folder.appendingPathComponent("report.html")
        try Data("old".utf8).write(to: url)
        let reader = try FileHandle(forReadingFrom: url)
        try report.write(to: url)
        // Who had the old file open still reads all of it: it was replaced, not written over.
        #expect(try reader.readToEnd() == Data("old".utf8))
        #expect(try String(contentsOf: url, encoding: .utf8) == report.html())
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["report.html"])

        // A folder in the way, and a folder that is not there: the error names the file, nothing is left.
        let blocked = folder.appendingPathComponent("blocked")
        try FileManager.default.createDirectory(
            at: blocked.appendingPathComponent("inner"), withIntermediateDirectories: true)
        for target in [blocked, folder.appendingPathComponent("missing/report.html")] {
            let error = #expect(throws: TrainingReportError.self) { try report.write(to: target) }
            #expect(error?.path == target.path && error?.description.contains(target.path) == true)
            #expect(error?.reason.isEmpty == false)
        }
        #expect(try files.contentsOfDirectory(atPath: folder.path).sorted() == ["blocked", "report.html"])
    }
}
