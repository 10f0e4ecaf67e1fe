/// One state of a progress bar, and the two ways to write it down.
struct ProgressLine: Sendable {
    var description: String
    var completed: Int
    var total: Int?
    var unit: String
    /// Things per second; nil when not known.
    var rate: Double?
    /// Seconds since the beginning.
    var elapsed: Double
    var isFinished: Bool
    var fields: ProgressFields

    /// From 0 to 1; nothing to do counts as done. Nil when the total is not known.
    var fraction: Double? {
        total.map { $0 == 0 ? 1 : min(1, max(0, Double(completed) / Double($0))) }
    }

    /// A line for logs: no escape codes, no box drawing.
    func plain() -> String {
        var parts = [count]
        if let percent { parts[0] += " (\(percent))" }
        if let speed { parts.append(speed) }
        parts.append("\(DurationFormat.text(seconds: elapsed)) elapsed")
        if let left { parts.append("\(DurationFormat.text(seconds: left)) left") }
        parts += fields.map { "\($0.key.onOneLine) \($0.value.onOneLine)" }
        return "\(description.onOneLine): " + parts.joined(separator: ", ")
    }

    /// A line of at most `console.width - 1` columns: some terminals wrap once the last column is filled.
    ///
    /// The bar takes what the figures leave (5 to 30 columns). With less room there is no bar, then no count, whose
    /// percentage says the same, then no description; if that is still too long, the end of all of it is cut.
    /// - Returns: The line, and how many columns it takes.
    func terminal(console: Console) -> (text: String, width: Int) {
        let limit = console.width - 1
        let title: Span = (description.onOneLine, .bold)
        let share: [Span] = percent.map { [(" " + $0.padded(toWidth: 4, onTheLeft: true), .plain)] } ?? []
        let amount: Span = (" " + count, .plain)

        let all = [title] + share + [amount] + figures
        let shorter = percent == nil ? [] : [[title] + share + figures, share + figures]
        var spans = ([all] + shorter).first { ProgressLine.width($0) <= limit } ?? all
        let room = min(30, limit - ProgressLine.width(all) - 1)
        if room >= 5 { spans = [title] + share + bar(width: room) + [amount] + figures }
        return ProgressLine.join(spans, limit: limit, usesColor: console.usesColor)
    }

    /// Speed, times and fields.
    private var figures: [Span] {
        let times = [elapsed, left].compactMap { $0.map(DurationFormat.text(seconds:)) }
        var spans: [Span] = speed.map { [("  " + $0, .plain)] } ?? []
        spans.append(("  " + times.joined(separator: " < "), .plain))
        for field in fields {
            spans.append(("  \(field.key.onOneLine) ", .dim))
            spans.append((field.value.onOneLine, .plain))
        }
        return spans
    }

    private typealias Span = (text: String, style: TerminalStyle)

    private var count: String {
        let done = NumberFormat.grouped(completed)
        return total.map { "\(done)/\(NumberFormat.grouped($0))" } ?? "\(done) \(unit.onOneLine)"
    }

    /// Rounded down: 100 % is for what is complete.
    private var percent: String? {
        fraction.map { "\(Int($0 * 100))%" }
    }

    private var speed: String? {
        rate.map { "\(NumberFormat.compact($0)) \(unit.onOneLine)/s" }
    }

    /// Seconds until the end at the present rate.
    private var left: Double? {
        guard !isFinished, let total, let rate, completed < total else { return nil }
        return Double(total - completed) / rate
    }

    private func bar(width: Int) -> [Span] {
        guard let fraction else { return [] }
        let halves = Int(fraction * Double(2 * width))
        let done = String(repeating: "━", count: halves / 2) + (halves % 2 == 1 ? "╸" : "")
        let rest = String(repeating: "─", count: width - (halves + 1) / 2)
        return [(" ", .plain), (done, isFinished && fraction == 1 ? .green : .cyan), (rest, .dim)]
    }

    private static func width(_ spans: [Span]) -> Int {
        spans.reduce(0) { $0 + $1.text.displayWidth }
    }

    private static func join(_ spans: [Span], limit: Int, usesColor: Bool) -> (text: String, width: Int) {
        let isCut = width(spans) > limit
        var text = ""
        var width = 0
        for span in spans {
            let room = limit - width
            let isLast = isCut && span.text.displayWidth >= room
            // One column more than there is room asks for the ellipsis even where the span itself just fits.
            let piece = isLast ? (span.text + "  ").cut(toWidth: room) : span.text
            text += span.style.applied(to: piece, usesColor: usesColor)
            width += piece.displayWidth
            if isLast { break }
        }
        return (text, width)
    }
}
