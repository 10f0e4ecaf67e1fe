import Foundation
import Requirements

/// Shows how far a long piece of work has come, on standard error.
///
/// On a terminal it is one line, redrawn at most ten times a second. Elsewhere it is a plain line at every
/// tenth of the work (but not more than one a second) or after 30 seconds, without escape codes, fit for a log.
/// ```swift
/// let bar = ProgressBar("Training", total: 640, unit: "pairs")
/// bar.update(completed: 64, fields: ["loss": "0.1234", "lr": "2.0e-05"])
/// bar.interrupt { print("saved checkpoint-64") }
/// bar.finish()
/// ```
/// It may be used from several threads. One that is dropped unfinished leaves its last line standing.
// Unchecked, since the compiler cannot see that `lock` guards every access to `state`.
public final class ProgressBar: @unchecked Sendable {
    private struct State {
        var completed: Int
        var fields: ProgressFields = [:]
        var window: RateWindow
        var isFinished = false
        /// Messages that are being printed just now: nothing may be drawn over them.
        var interruptions = 0
        /// Columns of the line on the screen, which the next one must cover.
        var shownWidth = 0
        var shownTime: Double
        /// Tenths of the work at the last plain line.
        var shownTenths: Int
    }

    private let description: String
    private let total: Int?
    private let unit: String
    private let initial: Int
    private let startTime: Double
    private let console: Console
    private let now: @Sendable () -> Double
    private let write: @Sendable (String) -> Void
    private let lock = NSLock()
    private var state: State

    /// - Parameters:
    ///   - description: What is being done: "Training".
    ///   - total: How many things there are; nil when that is not known.
    ///   - unit: What is counted, in the plural: "pairs".
    ///   - initial: Things that were done before, as when training is resumed; no part of the rate.
    ///   - console: What the output can show.
    ///   - now: Seconds on a clock that does not go back.
    ///   - write: Takes the text, line ends included.
    /// - Precondition: Neither `total` nor `initial` is negative.
    public init(
        _ description: String,
        total: Int?,
        unit: String = "items",
        startingAt initial: Int = 0,
        console: Console = .standardError,
        now: @escaping @Sendable () -> Double = Console.monotonicSeconds,
        write: @escaping @Sendable (String) -> Void = Console.writeToStandardError
    ) {
        require(total ?? 0 >= 0, "ProgressBar: total is \(total ?? 0); it must not be negative")
        require(initial >= 0, "ProgressBar: startingAt is \(initial); it must not be negative")
        self.description = description
        self.total = total
        self.unit = unit
        self.initial = initial
        self.console = console
        self.now = now
        self.write = write
        startTime = now()
        state = State(
            completed: initial,
            window: RateWindow(time: startTime, completed: initial),
            shownTime: startTime,
            shownTenths: ProgressBar.tenths(initial, of: total)
        )
        if console.isTerminal { draw(at: startTime) }
    }

    deinit {
        finish()
    }

    /// Sets how much is done; shown when it is time to.
    ///
    /// - Parameters:
    ///   - completed: How much is done.
    ///   - fields: What to show beside the figures; nil keeps what was there.
    public func update(completed: Int, fields: ProgressFields? = nil) {
        lock.withLock { set(completed, fields) }
    }

    /// Adds to what is done; shown when it is time to.
    public func advance(by count: Int = 1, fields: ProgressFields? = nil) {
        lock.withLock { set(state.completed + count, fields) }
    }

    /// Draws the last line, with the rate over all the work, and leaves it standing. Once is enough: a second
    /// call does nothing.
    public func finish() {
        lock.withLock {
            guard !state.isFinished else { return }
            state.isFinished = true
            if console.isTerminal {
                draw(at: now())
                write("\n")
            } else {
                write(line(at: now()).plain() + "\n")
            }
        }
    }

    /// Takes the bar off the screen while `body` prints, then draws it again below.
    public func interrupt<Result>(_ body: () throws -> Result) rethrows -> Result {
        lock.withLock {
            if console.isTerminal, !state.isFinished, state.shownWidth > 0 {
                write("\r" + String(repeating: " ", count: state.shownWidth) + "\r")
                state.shownWidth = 0
            }
            state.interruptions += 1
        }
        defer {
            lock.withLock {
                state.interruptions -= 1
                if console.isTerminal, !state.isFinished, state.interruptions == 0 { draw(at: now()) }
            }
        }
        return try body()
    }

    private func set(_ completed: Int, _ fields: ProgressFields?) {
        guard !state.isFinished else { return }
        let time = now()
        state.completed = completed
        if let fields { state.fields = fields }
        state.window.add(time: time, completed: completed)
        guard state.interruptions == 0 else { return }
        let pause = time - state.shownTime
        if console.isTerminal {
            if pause >= 0.1 { draw(at: time) }
            return
        }
        // The end is left to `finish`, which would say the same once more.
        if let total, completed >= total { return }
        let tenths = ProgressBar.tenths(completed, of: total)
        if pause >= 30 || (pause >= 1 && tenths > state.shownTenths) {
            write(line(at: time).plain() + "\n")
            state.shownTime = time
            state.shownTenths = tenths
        }
    }

    /// Draws over the line on the screen. Blanks, not an escape code, cover the rest of a longer one before it.
    private func draw(at time: Double) {
        let (text, width) = line(at: time).terminal(console: console)
        write("\r" + text + String(repeating: " ", count: max(0, state.shownWidth - width)))
        state.shownWidth = width
        state.shownTime = time
    }

    private func line(at time: Double) -> ProgressLine {
        let elapsed = max(0, time - startTime)
        return ProgressLine(
            description: description,
            completed: state.completed,
            total: total,
            unit: unit,
            rate: state.isFinished
                ? RateWindow.rate(state.completed - initial, in: elapsed) : state.window.perSecond,
            elapsed: elapsed,
            isFinished: state.isFinished,
            fields: state.fields
        )
    }

    private static func tenths(_ completed: Int, of total: Int?) -> Int {
        guard let total, total > 0 else { return 0 }
        return Int(Double(completed) / Double(total) * 10)
    }
}
