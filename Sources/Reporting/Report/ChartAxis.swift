import Foundation

/// The range and the ticks of one axis, at numbers that people like: 1, 2 or 5 times a power of ten.
struct ChartAxis: Sendable {
    let lower: Double
    let upper: Double
    let ticks: [Double]
    /// The power of ten that the labels leave out, because the numbers are very small or large; else 0.
    let exponent: Int
    private let places: Int

    /// Values beyond this are taken as not finite: their differences could overflow.
    static let largest = 1e150

    /// An axis of values, rounded outwards to ticks; from zero when the values come near it.
    ///
    /// - Parameter values: Finite; none gives the range from 0 to 1.
    init(values: [Double]) {
        var low = values.min() ?? 0
        var high = values.max() ?? 1
        if high - low <= max(abs(low), abs(high)) * 1e-9 || high - low < 1e-150 {
            // All values are the same: they go to the middle.
            let reach = abs(low) < 1e-150 ? 1 : abs(low) / 2
            (low, high) = abs(low) < 1e-150 ? (0, 1) : (low - reach, high + reach)
        } else if low > 0, low < 0.4 * high {
            low = 0
        }
        let step = ChartAxis.step(for: (high - low) / 5)
        let first = (low / step + 1e-9).rounded(.down)
        let last = (high / step - 1e-9).rounded(.up)
        self.init(lower: first * step, upper: last * step, first: first, last: last, step: step)
    }

    /// An axis of steps that begins and ends with them.
    init(steps: ClosedRange<Int>) {
        // A single step goes to the middle, unless it is the zeroth.
        let isSingle = steps.count == 1
        let low = Double(steps.lowerBound) - (isSingle && steps.lowerBound > 0 ? 1 : 0)
        let high = Double(steps.upperBound) + (isSingle ? 1 : 0)
        let step = max(1, ChartAxis.step(for: (high - low) / 6))
        self.init(
            lower: low, upper: high,
            first: (low / step).rounded(.up), last: (high / step).rounded(.down), step: step)
    }

    private init(lower: Double, upper: Double, first: Double, last: Double, step: Double) {
        self.lower = lower
        self.upper = upper
        // Ticks are multiples, not sums, of the step: no error adds up.
        ticks = last >= first ? (0...Int(min(last - first, 20))).map { (first + Double($0)) * step } : []
        let largest = max(abs(lower), abs(upper))
        let power = largest > 0 ? Int(log10(largest).rounded(.down)) : 0
        exponent = power < -2 || power > 5 ? power : 0
        places = max(0, exponent - Int((log10(step) + 1e-9).rounded(.down)))
    }

    /// From 0 at the lower end to 1 at the upper.
    func position(of value: Double) -> Double {
        (value - lower) / (upper - lower)
    }

    /// What stands beside a tick.
    func label(_ tick: Double) -> String {
        let scaled = exponent == 0 ? tick : tick / pow(10, Double(exponent))
        return places == 0 && abs(scaled) < 1e6
            ? NumberFormat.grouped(Int(scaled.rounded())) : NumberFormat.fixed(scaled, places: places)
    }

    /// "×10⁻⁵" where the labels leave a power of ten out.
    var factor: String? {
        guard exponent != 0 else { return nil }
        let digits: [Character: Character] = [
            "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴",
            "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
        ]
        return "×10" + String(String(exponent).compactMap { digits[$0] })
    }

    /// The least of 1, 2, 5 times a power of ten that is not below `raw`.
    private static func step(for raw: Double) -> Double {
        let power = pow(10, log10(raw).rounded(.down))
        return ([1, 2, 5].first { $0 * power >= raw * (1 - 1e-9) } ?? 10) * power
    }
}
