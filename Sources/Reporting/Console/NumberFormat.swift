import Foundation

/// How numbers are written for people. What is not finite is always said: `NaN`, `∞`, `-∞`.
public enum NumberFormat {
    /// `places` digits after the point: `0.1234`.
    public static func fixed(_ value: Double, places: Int = 4) -> String {
        finite(value) ?? withoutNegativeZero(String(format: "%.\(places)f", value))
    }

    /// `2.0e-05`: `places` digits after the point and an exponent.
    public static func scientific(_ value: Double, places: Int = 1) -> String {
        finite(value) ?? String(format: "%.\(places)e", value)
    }

    /// Four places where they say something, else an exponent: `0.8123`, `12.5000`, `3.1e-07`.
    public static func general(_ value: Double) -> String {
        let size = abs(value)
        return size == 0 || (size >= 1e-3 && size < 1e6) ? fixed(value) : scientific(value)
    }

    /// About three digits and a unit of thousands: `3.21`, `45.6`, `812`, `12.3k`, `4.5M`.
    public static func compact(_ value: Double) -> String {
        if let text = finite(value) { return text }
        var size = abs(value)
        var suffix = ""
        for next in ["k", "M", "G", "T"] where size >= 999.5 {
            size /= 1000
            suffix = next
        }
        guard size < 1e6 else { return scientific(value) }
        let places = suffix.isEmpty ? (size < 9.995 ? 2 : size < 99.95 ? 1 : 0) : (size < 99.95 ? 1 : 0)
        return withoutNegativeZero((value < 0 ? "-" : "") + String(format: "%.\(places)f", size)) + suffix
    }

    /// `1,234,567`.
    public static func grouped(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var result = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { result.append(",") }
            result.append(digit)
        }
        return (value < 0 ? "-" : "") + result
    }

    private static func finite(_ value: Double) -> String? {
        if value.isNaN { return "NaN" }
        return value.isInfinite ? (value < 0 ? "-∞" : "∞") : nil
    }

    private static func withoutNegativeZero(_ text: String) -> String {
        let isZero = !text.contains { ("1"..."9").contains($0) }
        return isZero && text.hasPrefix("-") ? String(text.dropFirst()) : text
    }
}
