/// Reads one JSON object (RFC 8259) whose values are strings, numbers and lists of numbers.
///
/// Foundation's reader loses the order of the keys, which is the order of the columns, and the place of an
/// error.
struct FlatJSONParser {
    enum Value: Equatable {
        case text(String)
        case label(LabelText.Label)
    }

    struct Member {
        let key: String
        let value: Value
    }

    private let bytes: [UInt8]
    private let start: Int
    private let end: Int
    private let source: String
    private let line: Int
    private var position: Int

    /// - Parameter range: The object's line in `bytes`.
    init(bytes: [UInt8], range: Range<Int>, source: String, line: Int) {
        self.bytes = bytes
        self.source = source
        self.line = line
        start = range.lowerBound
        end = range.upperBound
        position = range.lowerBound
    }

    /// The members in their order. Keys that occur twice are left for the caller to find.
    mutating func readObject() throws -> [Member] {
        skipWhiteSpace()
        guard let first = peek() else { throw error("this line is blank; remove it") }
        guard first == UInt8(ascii: "{") else {
            throw error("each line must be a JSON object, found \(kindOfValue())")
        }
        position += 1
        var members: [Member] = []
        skipWhiteSpace()
        if peek() == UInt8(ascii: "}") { throw error("the object has no keys; it needs at least one text") }
        while true {
            skipWhiteSpace()
            guard peek() == UTF8Text.quote else { throw unexpected("a key in quotes") }
            let key = try readString(column: nil)
            skipWhiteSpace()
            try skip(UInt8(ascii: ":"), as: "a colon after the key", column: key)
            skipWhiteSpace()
            members.append(Member(key: key, value: try readValue(column: key)))
            skipWhiteSpace()
            if peek() == UInt8(ascii: "}") { break }
            try skip(UInt8(ascii: ","), as: "a comma or a closing brace after the value", column: key)
        }
        position += 1
        skipWhiteSpace()
        guard peek() == nil else { throw unexpected("the end of the line after the object") }
        return members
    }

    private mutating func readValue(column: String) throws -> Value {
        guard let byte = peek() else { throw unexpected("a value", column: column) }
        switch byte {
        case UTF8Text.quote:
            return .text(try readString(column: column))
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "["):
            return .label(try readLabel(column: column))
        default:
            throw error(
                "a value must be a string, or a number or a list of numbers as the label, found \(kindOfValue())",
                column: column)
        }
    }

    private mutating func readLabel(column: String) throws -> LabelText.Label {
        do {
            if peek() == UInt8(ascii: "[") { return try JSONText.list(in: bytes, at: &position, end: end) }
            let (value, isInteger) = try JSONText.number(in: bytes, at: &position, end: end)
            return .number(value, isInteger: isInteger)
        } catch let problem as LabelText.Problem {
            throw error(problem.text, column: column)
        }
    }

    private mutating func readString(column: String?) throws -> String {
        position += 1
        let first = position
        var pieceStart = first
        // What precedes `pieceStart`, with its escapes resolved.
        var unescaped: [UInt8] = []
        while let byte = peek() {
            switch byte {
            case UTF8Text.quote:
                let content = first..<position
                let text = pieceStart == first
                    ? String(validating: bytes[content], as: UTF8.self)
                    : String(validating: unescaped + bytes[pieceStart..<position], as: UTF8.self)
                guard let text else { throw error(UTF8Text.problem(in: bytes, content), column: column) }
                position += 1
                return text
            case UInt8(ascii: "\\"):
                unescaped += bytes[pieceStart..<position]
                unescaped += String(try readEscape(column: column)).utf8
                pieceStart = position
            case 0..<0x20:
                throw error(
                    "a string holds the control character U+\(UTF8Text.hex(UInt32(byte))); write it as an escape",
                    column: column)
            default:
                position += 1
            }
        }
        throw error("the quote that opens this string never closes", column: column)
    }

    private mutating func readEscape(column: String?) throws -> Unicode.Scalar {
        let escapeStart = position
        position += 1
        guard let byte = peek() else { throw error("the line ends inside an escape", column: column) }
        position += 1
        switch byte {
        case UTF8Text.quote, UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"):
            let scalar = readUnicodeEscape()
            if scalar == "\0" { throw error("a text may not hold the NUL character", column: column) }
            if let scalar { return scalar }
        default: break
        }
        let text = String(decoding: bytes[escapeStart..<min(escapeStart + 6, end)], as: UTF8.self)
        throw error("the escape at \(UTF8Text.excerpt(text)) is not one of JSON's", column: column)
    }

    /// The scalar whose hexadecimal digits follow, which two surrogates make together; `nil` if they make
    /// none.
    private mutating func readUnicodeEscape() -> Unicode.Scalar? {
        guard let unit = readHexDigits() else { return nil }
        guard (0xD800..<0xDC00).contains(unit) else { return Unicode.Scalar(unit) }
        guard position + 1 < end, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        else { return nil }
        position += 2
        guard let low = readHexDigits(), (0xDC00..<0xE000).contains(low) else { return nil }
        return Unicode.Scalar(0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00))
    }

    private mutating func readHexDigits() -> UInt32? {
        guard position + 4 <= end else { return nil }
        let digits = bytes[position..<position + 4].map { Character(Unicode.Scalar($0)).hexDigitValue }
        guard digits.allSatisfy({ $0 != nil }) else { return nil }
        position += 4
        return digits.reduce(0) { ($0 << 4) | UInt32($1 ?? 0) }
    }

    private func peek() -> UInt8? { position < end ? bytes[position] : nil }

    private mutating func skipWhiteSpace() {
        while let byte = peek(), byte == 0x20 || byte == 0x09 || byte == 0x0D { position += 1 }
    }

    private mutating func skip(_ byte: UInt8, as expected: String, column: String) throws {
        guard peek() == byte else { throw unexpected(expected, column: column) }
        position += 1
    }

    /// A message's name for the value that begins here, or for the character if none does.
    private func kindOfValue() -> String { JSONText.kindOfValue(in: bytes, at: position, end: end) }

    private func unexpected(_ expected: String, column: String? = nil) -> DatasetError {
        let found = peek() == nil ? "the end of the line" : UTF8Text.character(at: position, in: bytes)
        return error(
            "expected \(expected), found \(found) at byte \(position - start + 1) of the line", column: column)
    }

    private func error(_ problem: String, column: String? = nil) -> DatasetError {
        DatasetError(problem, source: source, line: line, column: column)
    }
}
