import Foundation

/// How values are spelled that a table holds as texts.
enum Spelling {
    /// A number of units of `10^-scale`, in decimal digits.
    static func decimal(_ digits: String, scale: Int) -> String {
        guard scale > 0 else { return digits }
        let isNegative = digits.hasPrefix("-")
        var digits = isNegative ? String(digits.dropFirst()) : digits
        if digits.count <= scale { digits = String(repeating: "0", count: scale + 1 - digits.count) + digits }
        return (isNegative ? "-" : "") + digits.dropLast(scale) + "." + digits.suffix(scale)
    }

    /// A two's complement of any length, the most significant byte first, in decimal digits.
    static func integer(_ bytes: [UInt8]) -> String {
        guard let first = bytes.first else { return "0" }
        let isNegative = first >= 0x80
        var magnitude = bytes
        if isNegative {
            var carry = 1
            for index in magnitude.indices.reversed() {
                let value = Int(~magnitude[index]) + carry
                magnitude[index] = UInt8(truncatingIfNeeded: value)
                carry = value >> 8
            }
        }
        // Base 10^9, the least significant first; 200 bytes and more are no number that anyone writes.
        var parts: [UInt64] = [0]
        for byte in magnitude.suffix(64) {
            var carry = UInt64(byte)
            for index in parts.indices {
                let value = parts[index] << 8 + carry
                parts[index] = value % 1_000_000_000
                carry = value / 1_000_000_000
            }
            if carry > 0 { parts.append(carry) }
        }
        let rest = parts.dropLast().reversed().map { String(repeating: "0", count: 9 - String($0).count) + String($0) }
        let digits = String(parts.last!) + rest.joined()
        return isNegative && digits != "0" ? "-" + digits : digits
    }

    /// A day, counted from 1970 on.
    static func date(_ days: Int) -> String {
        guard days.magnitude < 1 << 40 else { return "\(days) days" }
        // Of the civil calendar, in eras of 400 years that begin in March.
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let day = shifted - era * 146_097
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365
        let dayOfYear = day - (365 * year + year / 4 - year / 100)
        let month = (5 * dayOfYear + 2) / 153
        let date = dayOfYear - (153 * month + 2) / 5 + 1
        let number = month < 10 ? month + 3 : month - 9
        return "\(padded(year + era * 400 + (number <= 2 ? 1 : 0), 4))-\(padded(number, 2))-\(padded(date, 2))"
    }

    /// A time of day, in units of which `perSecond` make a second.
    static func time(_ value: Int, perSecond: Int) -> String {
        // Near the least of all numbers the product lies beyond them, the difference does not.
        let seconds = floor(value, perSecond), fraction = value &- seconds &* perSecond
        let clock = "\(padded(seconds / 3600, 2)):\(padded(seconds / 60 % 60, 2)):\(padded(seconds % 60, 2))"
        if fraction == 0 { return clock }
        // Nanoseconds only where there are some.
        if perSecond > 1_000_000, fraction % 1000 == 0 { return clock + "." + padded(fraction / 1000, 6) }
        return clock + "." + padded(fraction, perSecond == 1000 ? 3 : perSecond == 1_000_000 ? 6 : 9)
    }

    /// A point in time since 1970, in units of which `perSecond` make a second.
    static func timestamp(_ value: Int, perSecond: Int) -> String {
        let days = floor(value, perSecond * 86_400)
        return date(days) + "T" + time(value &- days &* perSecond &* 86_400, perSecond: perSecond)
    }

    static func base64(_ bytes: [UInt8]) -> String { Data(bytes).base64EncodedString() }

    static func uuid(_ bytes: [UInt8]) -> String {
        let digits = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        var rest = Substring(digits)
        return [8, 4, 4, 4, 12].map { count in
            defer { rest = rest.dropFirst(count) }
            return String(rest.prefix(count))
        }.joined(separator: "-")
    }

    /// Half a float32, sign first.
    static func float16(_ bits: UInt16) -> Double {
        let sign = bits & 0x8000 == 0 ? 1.0 : -1.0
        let exponent = Int(bits >> 10 & 31), fraction = Double(bits & 1023)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction / 1024) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }

    private static func floor(_ value: Int, _ divisor: Int) -> Int {
        let quotient = value / divisor
        return value % divisor < 0 ? quotient - 1 : quotient
    }

    private static func padded(_ number: Int, _ width: Int) -> String {
        let digits = String(number.magnitude)
        return (number < 0 ? "-" : "") + String(repeating: "0", count: max(0, width - digits.count)) + digits
    }
}
