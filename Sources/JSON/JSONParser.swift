/// A strict reader of JSON (RFC 8259): UTF-8 only, no duplicate keys, no comments, no trailing commas, no NaN.
struct JSONParser {
    /// Deeper nesting is refused, so that a hostile file cannot exhaust the stack.
    static let maximumDepth = 128

    private let bytes: [UInt8]
    private let range: Range<Int>
    /// The number of the line that the range begins in.
    private let line: Int
    private var position: Int

    /// - Parameters:
    ///   - range: Where in `bytes` the value stands, with nothing else but blanks beside it.
    ///   - line: The number of the line that the range begins in, for messages.
    static func parse(_ bytes: [UInt8], in range: Range<Int>, line: Int) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes, range: range, line: line)
        if parser.current == 0xEF, bytes[range].starts(with: [0xEF, 0xBB, 0xBF]) {
            throw parser.error("the text begins with a byte-order mark; save it as UTF-8 without one")
        }
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == range.upperBound else { throw parser.unexpected("there is text after the value's end") }
        return value
    }

    private init(bytes: [UInt8], range: Range<Int>, line: Int) {
        self.bytes = bytes
        self.range = range
        self.line = line
        position = range.lowerBound
    }

    private func error(_ problem: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(problem, in: bytes, range, line: line, at: offset ?? position)
    }

    /// An error that also tells what stands at the position.
    private func unexpected(_ problem: String) -> JSONSyntaxError {
        let character = position..<min(position + 4, range.upperBound)
        if let byte = current, byte >= 0x80, String(decoding: bytes[character], as: UTF8.self).unicodeScalars.first == "\u{FFFD}" {
            return error("the text is not UTF-8")
        }
        return error("\(problem), found \(kindOfValue)")
    }

    /// A message's name for the value that begins at the position, or for the character if none does.
    private var kindOfValue: String {
        guard let byte = current else { return "the end" }
        switch byte {
        case UInt8(ascii: "{"): return "an object"
        case UInt8(ascii: "["): return "a list"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return "a number"
        default:
            let following = String(decoding: bytes[position..<min(position + 16, range.upperBound)], as: UTF8.self)
            return quoted(String(following.unicodeScalars.prefix(1)))
        }
    }

    @inline(__always)
    private var current: UInt8? { position < range.upperBound ? bytes[position] : nil }

    private func notUTF8(in part: Range<Int>) -> JSONSyntaxError {
        // Decoding repairs what is not UTF-8, so a repaired text differs from its bytes.
        let repaired = String(decoding: bytes[part], as: UTF8.self).utf8
        let offset = zip(repaired, bytes[part]).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        return error("the text is not UTF-8", at: part.lowerBound + (offset ?? min(repaired.count, part.count)))
    }

    private mutating func skipBlanks() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
    }

    private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
        guard depth <= Self.maximumDepth else {
            throw error("values are nested more than \(Self.maximumDepth) deep")
        }
        skipBlanks()
        guard let byte = current else { throw error("the text ends where a value should begin") }
        switch byte {
        case UInt8(ascii: "{"): return .object(try object(depth: depth))
        case UInt8(ascii: "["): return .array(try array(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: "N"), UInt8(ascii: "I"):
            throw unexpected("no JSON value begins like this; NaN and Infinity are none, write a number or null")
        default: throw unexpected("no JSON value begins like this")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position..<range.upperBound].starts(with: word.utf8) else {
            throw error("no JSON value begins like this; \(word) was expected")
        }
        position += word.utf8.count
        return value
    }

    private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
        position += 1
        var result = JSONObject()
        skipBlanks()
        if current == UInt8(ascii: "}") {
            position += 1
            return result
        }
        while true {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw unexpected("a key in quotes was expected") }
            let keyOffset = position
            let key = try string()
            skipBlanks()
            guard current == UInt8(ascii: ":") else {
                throw unexpected("\":\" was expected after the key \(quoted(key))")
            }
            position += 1
            let value = try value(depth: depth + 1)
            guard result.appendIfNew(key, value) else {
                throw error("the key \(quoted(key)) appears twice in one object", at: keyOffset)
            }
            if try isLast(closing: UInt8(ascii: "}")) { return result }
        }
    }

    private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
        position += 1
        var result: [JSONValue] = []
        skipBlanks()
        if current == UInt8(ascii: "]") {
            position += 1
            return result
        }
        while true {
            result.append(try value(depth: depth + 1))
            if try isLast(closing: UInt8(ascii: "]")) { return result }
        }
    }

    /// Steps over the comma or the closing bracket after an element.
    private mutating func isLast(closing: UInt8) throws(JSONSyntaxError) -> Bool {
        skipBlanks()
        guard let byte = current else { throw error("the text ends inside a list or an object") }
        guard byte == closing || byte == UInt8(ascii: ",") else {
            throw unexpected("\",\" or \"\(Character(UnicodeScalar(closing)))\" was expected")
        }
        position += 1
        return byte == closing
    }

    // MARK: Numbers

    private mutating func number() throws(JSONSyntaxError) -> JSONValue {
        let start = position
        if current == UInt8(ascii: "-") { position += 1 }
        let firstDigit = position
        try digits()
        if bytes[firstDigit] == UInt8(ascii: "0"), position > firstDigit + 1 {
            throw error("a number may not begin with 0", at: start)
        }
        var isInteger = true
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
        // Eighteen digits cannot overflow; "-0" is no integer, or its sign would be lost.
        if isInteger, position - firstDigit <= 18 {
            var magnitude = 0
            for index in firstDigit..<position { magnitude = magnitude * 10 + Int(bytes[index] - UInt8(ascii: "0")) }
            if firstDigit == start { return .integer(magnitude) }
            if magnitude > 0 { return .integer(-magnitude) }
        }
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, literal != "-0", let integer = Int(literal) { return .integer(integer) }
        return .number(JSONNumber(checkedLiteral: literal))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = current, isDigit(byte) { position += 1 }
        guard position > start else { throw unexpected("a digit was expected") }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        let opening = position
        let first = opening + 1
        // What precedes the present run of plain bytes, its escapes resolved.
        var unescaped: [UInt8] = []
        var runStart = first
        var index = first
        while index < range.upperBound {
            let byte = bytes[index]
            if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
                index += 1
                continue
            }
            position = index
            guard byte >= 0x20 else { throw error("a control character stands unescaped in a string") }
            position += 1
            if byte == UInt8(ascii: "\"") {
                let text =
                    runStart == first
                    ? String(validating: bytes[first..<index], as: UTF8.self)
                    : String(validating: unescaped + bytes[runStart..<index], as: UTF8.self)
                guard let text else { throw notUTF8(in: first..<index) }
                return text
            }
            unescaped += bytes[runStart..<index]
            unescaped += UTF8.encode(try escapedScalar())!
            runStart = position
            index = position
        }
        throw error("a string that begins here never ends", at: opening)
    }

    private mutating func escapedScalar() throws(JSONSyntaxError) -> UnicodeScalar {
        guard let byte = current else { throw error("the text ends inside an escape") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UnicodeScalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape()
        default: throw error("an unknown escape", at: position - 2)
        }
    }

    /// Reads what follows `\u`: four hexadecimal digits, or a surrogate pair of two such escapes.
    private mutating func unicodeEscape() throws(JSONSyntaxError) -> UnicodeScalar {
        let start = position - 2
        let high = try hexadecimalUnit()
        if let scalar = UnicodeScalar(high) { return scalar }
        guard high < 0xDC00, bytes[position..<range.upperBound].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
            throw error("half of a surrogate pair is no character", at: start)
        }
        position += 2
        let low = try hexadecimalUnit()
        guard (0xDC00...0xDFFF).contains(low) else {
            throw error("half of a surrogate pair is no character", at: start)
        }
        // Every pair of surrogates is a character, so the decoding below never replaces anything.
        return String(decoding: [high, low], as: UTF16.self).unicodeScalars.first!
    }

    private mutating func hexadecimalUnit() throws(JSONSyntaxError) -> UInt16 {
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(UnicodeScalar(byte)).hexDigitValue else {
                throw error("four hexadecimal digits were expected after \\u")
            }
            unit = unit << 4 | UInt16(digit)
            position += 1
        }
        return unit
    }
}

extension JSONValue {
    /// Reads a text, or a part of it, such as a line of a JSON Lines file.
    ///
    /// - Parameters:
    ///   - bytes: UTF-8 without a byte-order mark.
    ///   - range: Where in `bytes` the value stands, with nothing else but blanks beside it.
    ///   - line: The number of the line that the range begins in, for messages.
    /// - Throws: ``JSONSyntaxError`` with line and column; its offset is counted in `bytes`.
    public static func parse(
        _ bytes: [UInt8], in range: Range<Int>? = nil, line: Int = 1
    ) throws(JSONSyntaxError) -> JSONValue {
        try JSONParser.parse(bytes, in: range ?? 0..<bytes.count, line: line)
    }
}
