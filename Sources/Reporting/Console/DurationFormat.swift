/// How a length of time is written for people.
public enum DurationFormat {
    /// `0:05`, `1:05`, `59:59`, then `2 h 03 min`, then `3 d 04 h`; what is not a time is `–`.
    public static func text(seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "–" }
        let whole = Int(seconds)
        switch whole {
        case ..<3600: return "\(whole / 60):\(twoDigits(whole % 60))"
        case ..<86400: return "\(whole / 3600) h \(twoDigits(whole / 60 % 60)) min"
        default: return "\(whole / 86400) d \(twoDigits(whole / 3600 % 24)) h"
        }
    }

    private static func twoDigits(_ number: Int) -> String {
        number < 10 ? "0\(number)" : "\(number)"
    }
}
