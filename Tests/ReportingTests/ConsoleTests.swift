import Foundation
import Testing

@testable import Reporting

/// A clock that stands until it is told to go, and the text that was written meanwhile.
private final class Desk: @unchecked Sendable {
    private let lock = NSLock()
    private var time = 1000.0
    private var written: [String] = []

    func wait(_ seconds: Double) { lock.withLock { time += seconds } }
    func now() -> Double { lock.withLock { time } }
    func write(_ text: String) { lock.withLock { written.append(text) } }
    var texts: [String] { lock.withLock { written } }
    var output: String { texts.joined() }

    func bar(
        _ description: String = "Training", total: Int?, unit: String = "pairs", startingAt initial: Int = 0,
        console: Console
    ) -> ProgressBar {
        ProgressBar(
            description, total: total, unit: unit, startingAt: initial, console: console,
            now: { self.now() }, write: { self.write($0) })
    }
}

private let file = Console(isTerminal: false)
private let terminal = Console(isTerminal: true, width: 100, usesColor: false)

struct ProgressBarTests {
    @Test func aTerminalLineShowsAllFigures() {
        let desk = Desk()
        let bar = desk.bar(total: 640, console: terminal)
        desk.wait(5)
        bar.update(completed: 64, fields: ["loss": "0.1234", "lr": "2.0e-05"])
        // 64 pairs in 5 s: 12.8 a second, and 576 more take 45 s.
        #expect(
            desk.texts.last?.hasPrefix(
                "\rTraining  10% ━━╸" + String(repeating: "─", count: 23)
                    + " 64/640  12.8 pairs/s  0:05 < 0:45  loss 0.1234  lr 2.0e-05") == true, "\(desk.texts)")
        desk.wait(45)
        bar.update(completed: 640)
        bar.finish()
        #expect(
            desk.output.hasSuffix(
                "\rTraining 100% " + String(repeating: "━", count: 30)
                    + " 640/640  12.8 pairs/s  0:50  loss 0.1234  lr 2.0e-05\n"), "\(desk.texts)")
        #expect(!desk.output.contains("\u{1B}"))
    }

    @Test func logsGetPlainLinesAtTenthsAndAfterThirtySeconds() {
        let desk = Desk()
        let bar = desk.bar(total: 100, console: file)
        for completed in 1...100 {
            desk.wait(1)
            bar.update(completed: completed, fields: ["loss": "0.5"])
        }
        bar.finish()
        bar.finish()
        #expect(desk.texts.count == 10)
        #expect(desk.texts.first == "Training: 10/100 (10%), 1.00 pairs/s, 0:10 elapsed, 1:30 left, loss 0.5\n")
        #expect(desk.texts.last == "Training: 100/100 (100%), 1.00 pairs/s, 1:40 elapsed, loss 0.5\n")

        let slow = Desk()
        let slowBar = slow.bar(total: 1000, console: file)
        for completed in 1...6 {
            slow.wait(16)
            slowBar.update(completed: completed)
        }
        #expect(slow.texts.map { $0.split(separator: " ")[1] } == ["2/1,000", "4/1,000", "6/1,000"])
    }

    @Test func aFastRunWritesOnlyItsEndToALog() {
        let desk = Desk()
        let bar = desk.bar(total: 10, console: file)
        for completed in 1...10 {
            desk.wait(0.01)
            bar.update(completed: completed)
        }
        bar.finish()
        #expect(desk.texts == ["Training: 10/10 (100%), 100 pairs/s, 0:00 elapsed\n"])
    }

    @Test func aTerminalIsRedrawnAtMostTenTimesASecond() {
        let desk = Desk()
        let bar = desk.bar(total: 10_000, console: terminal)
        for _ in 1...1000 {
            desk.wait(1.0 / 512)
            bar.advance()
        }
        // Two seconds; a redraw waits for the first update after a tenth, 52/512 s. The first is the empty bar.
        #expect(desk.texts.count == 1 + 1000 / 52)
    }

    @Test(arguments: [1, 2, 10, 27, 30, 60, 79, 80, 100, 200])
    func aLineNeverReachesTheLastColumn(width: Int) {
        for usesColor in [false, true] {
            let desk = Desk()
            let console = Console(isTerminal: true, width: width, usesColor: usesColor)
            let bar = desk.bar("訓練 Training", total: 640, console: console)
            desk.wait(1)
            bar.update(completed: 320, fields: ["loss": "0.1234", "message": "naïve\n\u{1B}[31mtext"])
            let last = (desk.texts.last ?? "").replacingOccurrences(of: "\r", with: "")
            let visible = last.replacing(/\u{1B}\[[0-9]+m/, with: "")
            #expect(visible.displayWidth <= max(0, width - 1), "\(visible)")
            #expect(!visible.contains("\u{1B}") && !visible.contains("\n"))
            #expect(last.contains("\u{1B}") == (usesColor && width > 1))
            // The count would just fit, but something after it was cut.
            if width == 27 { #expect(visible == "訓練 Training  50% 320/64…") }
            if width == 30 { #expect(visible == "訓練 Training  50% 320/640  …") }
        }
    }

    @Test func eightyColumnsHoldStepLossAndLearningRate() {
        let desk = Desk()
        let bar = desk.bar(total: 50_000, console: Console(isTerminal: true, width: 80))
        desk.wait(5)
        bar.update(completed: 10_000, fields: ["step": "315/1575", "loss": "0.0156", "lr": "1.8e-03"])
        // The count goes first, then the description.
        let figures = "  2.0k pairs/s  0:05 < 0:20  step 315/1575  loss 0.0156  lr 1.8e-03"
        #expect(desk.texts.last?.hasPrefix("\r  20%" + figures) == true, "\(desk.texts)")
        desk.wait(5)
        bar.update(completed: 10_000, fields: ["step": "315/1575", "loss": "0.0156"])
        #expect(desk.texts.last?.hasPrefix("\rTraining  20%  ") == true, "\(desk.texts)")
    }

    @Test func aShorterLineCoversTheOneBefore() {
        let desk = Desk()
        let bar = desk.bar(total: nil, console: terminal)
        desk.wait(1)
        bar.update(completed: 5, fields: ["note": "a long note"])
        desk.wait(1)
        bar.update(completed: 6, fields: [:])
        let widths = desk.texts.suffix(2).map { $0.displayWidth }
        #expect(widths.count == 2 && widths[0] == widths[1], "\(desk.texts)")
        #expect(desk.texts.last?.hasPrefix("\rTraining 6 pairs  3.00 pairs/s  0:02 ") == true, "\(desk.texts)")
    }

    @Test(arguments: [0, nil] as [Int?]) func nothingToDoAndNoTimeGiveNoStrangeNumbers(total: Int?) {
        for console in [file, terminal] {
            let desk = Desk()
            let bar = desk.bar(total: total, console: console)
            bar.update(completed: 0)
            desk.wait(40)
            bar.update(completed: 0)
            bar.finish()
            #expect(desk.output.contains("0:40"))
            for word in ["nan", "inf", "∞", "-", "–", "/s"] {
                #expect(!desk.output.lowercased().contains(word), "\(desk.texts)")
            }
        }
    }

    @Test func theRateForgetsASlowStartAndWhatWasDoneBefore() {
        let desk = Desk()
        let bar = desk.bar(total: 10_000, startingAt: 5000, console: file)
        desk.wait(100)
        bar.update(completed: 5001)
        for step in 1...200 {
            desk.wait(0.5)
            bar.update(completed: 5001 + step * 5)
        }
        // The last 15 seconds ran at 10 a second; over all 200 s it would be 5.
        #expect(desk.texts.last?.contains("10.0 pairs/s") == true, "\(desk.texts)")
        bar.finish()
        // 1,001 in 200 s.
        #expect(desk.texts.last == "Training: 6,001/10,000 (60%), 5.00 pairs/s, 3:20 elapsed\n")
    }

    @Test func aMessageStandsAboveTheBar() {
        let desk = Desk()
        let bar = desk.bar(total: 10, console: terminal)
        let before = desk.texts.count
        let width = (desk.texts.last ?? "").replacingOccurrences(of: "\r", with: "").displayWidth
        let answer = bar.interrupt {
            desk.write("saved\n")
            desk.wait(1)
            bar.update(completed: 5)  // must neither wait for ever nor draw over the message
            return 42
        }
        #expect(answer == 42)
        let texts = desk.texts.dropFirst(before)
        #expect(width > 20 && texts.first == "\r" + String(repeating: " ", count: width) + "\r")
        #expect(texts.count == 3 && texts.dropFirst().first == "saved\n", "\(texts)")
        #expect(texts.last?.hasPrefix("\rTraining  50%") == true)
    }

    @Test func aDroppedBarEndsItsLine() {
        let desk = Desk()
        do { _ = desk.bar(total: 10, console: terminal) }
        #expect(desk.texts.last == "\n")
    }

    @Test func theEnvironmentCanForbidColor() {
        #expect(Console.allowsColor(["TERM": "xterm"]))
        #expect(Console.allowsColor(["NO_COLOR": ""]))
        #expect(!Console.allowsColor(["NO_COLOR": "1", "TERM": "xterm"]))
        #expect(!Console.allowsColor(["TERM": "dumb"]))
    }

    @Test func aFileIsNoTerminal() throws {
        let handle = try #require(FileHandle(forReadingAtPath: "/dev/null"))
        let console = Console(fileDescriptor: handle.fileDescriptor, environment: [:])
        #expect(console == Console(isTerminal: false, width: 80, usesColor: false))
    }
}

struct FormatTests {
    @Test(
        arguments: [
            (0, "0:00"), (5.9, "0:05"), (65, "1:05"), (3599, "59:59"), (7380, "2 h 03 min"),
            (86400 * 3 + 4 * 3600, "3 d 04 h"), (-1, "–"), (.nan, "–"), (.infinity, "–"),
        ] as [(Double, String)])
    func durations(seconds: Double, text: String) {
        #expect(DurationFormat.text(seconds: seconds) == text)
    }

    @Test(
        arguments: [
            (0, "0.00"), (3.214, "3.21"), (9.996, "10.0"), (45.61, "45.6"), (99.96, "100"), (812.4, "812"),
            (999.6, "1.0k"), (12_345, "12.3k"), (123_456, "123k"), (4.5e6, "4.5M"),
            (1e18, "1.0e+18"), (-12_345, "-12.3k"), (-0.001, "0.00"),
            (.nan, "NaN"), (-.infinity, "-∞"),
        ] as [(Double, String)])
    func compact(value: Double, text: String) {
        #expect(NumberFormat.compact(value) == text)
    }

    @Test func numbers() {
        #expect(NumberFormat.scientific(1.2e-5) == "1.2e-05")
        #expect(NumberFormat.general(0.8123) == "0.8123")
        #expect(NumberFormat.general(3.1e-7) == "3.1e-07")
        #expect(NumberFormat.general(.nan) == "NaN")
        #expect(NumberFormat.fixed(-0.00001) == "0.0000")
        #expect(NumberFormat.grouped(1_234_567) == "1,234,567")
        #expect(NumberFormat.grouped(-123) == "-123")
        #expect(NumberFormat.grouped(Int.min) == "-9,223,372,036,854,775,808")
    }

    @Test func widthsOfTexts() {
        #expect("naïve".displayWidth == 5)
        #expect("e\u{301}".displayWidth == 1)
        #expect("日本語".displayWidth == 6)
        #expect("한국어".displayWidth == 6)
        #expect("👩‍🔬".displayWidth == 2)
        #expect("❤️".displayWidth == 2)
        #expect("日本語".cut(toWidth: 4) == "日…")
        #expect("日本語".cut(toWidth: 6) == "日本語")
        #expect("abc".cut(toWidth: 0) == "")
    }
}

struct TextTableTests {
    private func table(style: TextTable.Style) -> TextTable {
        var table = TextTable(
            columns: [.init("loss"), .init("accuracy", best: .highest), .init("time", best: .lowest)],
            style: style)
        table.addRow("CoSENT", "0.8123", "1,200")
        table.addRow("日本語", "12.5", "64")
        table.addRow("none", "–")
        return table
    }

    @Test func columnsLineUpInABox() {
        #expect(
            table(style: .box).description == """
                ┌────────┬──────────┬───────┐
                │ loss   │ accuracy │  time │
                ├────────┼──────────┼───────┤
                │ CoSENT │   0.8123 │ 1,200 │
                │ 日本語 │  12.5    │    64 │
                │ none   │   –      │       │
                └────────┴──────────┴───────┘
                """)
    }

    @Test func plainTablesAreASCIIAndEndWithoutBlanks() {
        #expect(
            table(style: .plain).description == """
                loss    accuracy   time
                ------  --------  -----
                CoSENT    0.8123  1,200
                日本語   12.5        64
                none      –
                """)
    }

    @Test func theBestNumberIsBoldWhereColorsAreAllowed() {
        let colored = table(style: .box).rendered(usesColor: true)
        #expect(colored.contains("\u{1B}[1m 12.5   \u{1B}[0m"))
        #expect(colored.contains("\u{1B}[1m   64\u{1B}[0m"))
        #expect(colored.split(separator: "\u{1B}").count == 5, "two cells, each with a beginning and an end")
        #expect(colored.replacing(/\u{1B}\[[0-9]+m/, with: "") == table(style: .box).description)
    }

    @Test func anEmptyTableIsItsHeader() {
        #expect(TextTable("a", "b", style: .plain).description == "a  b\n-  -")
        #expect(TextTable("a").description == "┌───┐\n│ a │\n└───┘")
    }

    @Test func aColumnOfTextsStaysLeftAndALineBreakIsABlank() {
        var table = TextTable("name", style: .plain)
        table.addRow("infinity")
        table.addRow("a\nb")
        table.addRow("7")
        #expect(table.description == "name\n--------\ninfinity\na b\n7")
    }
}
