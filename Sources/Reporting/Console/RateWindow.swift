/// Things per second over the last seconds, so that a slow start does not spoil the estimate for ever.
struct RateWindow: Sendable {
    private typealias Sample = (time: Double, completed: Int)
    private var samples: [Sample]
    private let length: Double

    /// - Parameter length: Seconds to look back; with rare updates, at least to the update before.
    init(time: Double, completed: Int, length: Double = 15) {
        samples = [(time, completed)]
        self.length = length
    }

    /// Notes that `completed` things were done at `time`. Going back in either starts afresh.
    mutating func add(time: Double, completed: Int) {
        if let last = samples.last, completed < last.completed || time < last.time {
            samples = [(time, completed)]
            return
        }
        // A sample a tick is enough: thousands of updates a second must not make a long list.
        let tick = length / 60
        if samples.count > 1, time - samples[samples.count - 2].time < tick {
            samples[samples.count - 1] = (time, completed)
        } else {
            samples.append((time, completed))
        }
        let expired = samples.dropLast(2).prefix { time - $0.time > length }.count
        samples.removeFirst(expired)
    }

    /// Things per second; nil when no time has passed or nothing was done.
    var perSecond: Double? {
        guard let first = samples.first, let last = samples.last else { return nil }
        return RateWindow.rate(last.completed - first.completed, in: last.time - first.time)
    }

    /// `count` per second; nil where a quotient would say nothing.
    static func rate(_ count: Int, in seconds: Double) -> Double? {
        guard count > 0, seconds > 0 else { return nil }
        let rate = Double(count) / seconds
        return rate.isFinite ? rate : nil
    }
}
