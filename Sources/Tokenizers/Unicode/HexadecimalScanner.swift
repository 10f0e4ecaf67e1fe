/// Reads the tables of `UnicodeData`: hexadecimal numbers and the signs between them.
struct HexadecimalScanner {
    private let bytes: [UInt8]
    private var position = 0

    init(_ text: String) {
        bytes = Array(text.utf8)
    }

    /// The next number, blanks before it skipped; `nil` at the end.
    mutating func number() -> UInt32? {
        while position < bytes.count, bytes[position] == UInt8(ascii: " ") { position += 1 }
        let start = position
        var value: UInt32 = 0
        while position < bytes.count {
            switch bytes[position] {
            case let byte where byte >= 0x30 && byte <= 0x39: value = value << 4 | UInt32(byte - 0x30)
            case let byte where byte >= 0x41 && byte <= 0x46: value = value << 4 | UInt32(byte - 0x41 + 10)
            default: return position > start ? value : nil
            }
            position += 1
        }
        return position > start ? value : nil
    }

    /// Steps over `sign` if it stands here.
    mutating func skip(_ sign: Unicode.Scalar) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: sign) else { return false }
        position += 1
        return true
    }

    /// Calls `body` with each number of a table of ranges, `first-last`, and of single numbers.
    static func forEachCode(in text: String, _ body: (UInt32) -> Void) {
        var scanner = HexadecimalScanner(text)
        while let first = scanner.number() {
            let last = scanner.skip("-") ? scanner.number() ?? first : first
            for code in first...last { body(code) }
        }
    }

    /// Numbers with dots between them.
    mutating func sequence() -> [UInt32] {
        var numbers: [UInt32] = []
        repeat {
            if let number = number() { numbers.append(number) }
        } while skip(".")
        return numbers
    }
}
