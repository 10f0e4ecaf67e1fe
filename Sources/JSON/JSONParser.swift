/// A strict reader of JSON (RFC 8259): UTF-8 only, no duplicate keys, no comments, no trailing commas, no NaN.
struct JSONParser {
    /// Deeper nesting is refused, so that a hostile file cannot exhaust the stack.
    static let maximumDepth = 128

    private let bytes: [UInt8]
    private var position = 0

    /// - Parameter bytes: The whole text.
    static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        var parser = JSONParser(bytes: bytes)
        try parser.checkEncoding()
        let value = try parser.value(depth: 0)
        parser.skipBlanks()
        guard parser.position == bytes.count else { throw parser.error("there is text after the value's end") }
        return value
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private func error(_ problem: String, at offset: Int? = nil) -> JSONSyntaxError {
        JSONSyntaxError(problem, in: bytes, at: offset ?? position)
    }

    private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

    private func checkEncoding() throws(JSONSyntaxError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw error("the text begins with a byte-order mark; save it as UTF-8 without one", at: 0)
        }
        guard String(validating: bytes, as: UTF8.self) == nil else { return }
        // Decoding repairs what is not UTF-8, so a repaired text differs from its bytes.
        let repaired = String(decoding: bytes, as: UTF8.self).utf8
        let offset = zip(repaired, bytes).enumerated().first { $0.element.0 != $0.element.1 }?.offset
        throw error("the text is not UTF-8", at: offset ?? min(repaired.count, bytes.count))
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
        default: throw error("no JSON value begins like this")
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
        guard bytes[position...].starts(with: word.utf8) else {
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
            guard current == UInt8(ascii: "\"") else { throw error("a key in quotes was expected") }
            let keyOffset = position
            let key = try string()
            skipBlanks()
            guard current == UInt8(ascii: ":") else {
                throw error("\":\" was expected after the key \(quoted(key))")
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
            throw error("\",\" or \"\(Character(UnicodeScalar(closing)))\" was expected")
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
        let literal = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, literal != "-0", let integer = Int(literal) { return .integer(integer) }
        return .number(JSONNumber(checkedLiteral: literal))
    }

    private mutating func digits() throws(JSONSyntaxError) {
        let start = position
        while let byte = current, isDigit(byte) { position += 1 }
        guard position > start else { throw error("a digit was expected") }
    }

    private func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }

    // MARK: Strings

    private mutating func string() throws(JSONSyntaxError) -> String {
        let opening = position
        position += 1
        var result = ""
        var runStart = position
        while let byte = current {
            switch byte {
            case UInt8(ascii: "\""):
                let run = String(decoding: bytes[runStart..<position], as: UTF8.self)
                position += 1
                return result.isEmpty ? run : result + run
            case UInt8(ascii: "\\"):
                result += String(decoding: bytes[runStart..<position], as: UTF8.self)
                position += 1
                result.unicodeScalars.append(try escapedScalar())
                runStart = position
            case 0..<0x20:
                throw error("a control character stands unescaped in a string")
            default:
                position += 1
            }
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
        guard high < 0xDC00, bytes[position...].starts(with: [UInt8(ascii: "\\"), UInt8(ascii: "u")]) else {
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
    /// Reads a whole text.
    ///
    /// - Parameter bytes: UTF-8 without a byte-order mark.
    /// - Throws: ``JSONSyntaxError`` with line and column.
    public static func parse(_ bytes: [UInt8]) throws(JSONSyntaxError) -> JSONValue {
        try JSONParser.parse(bytes)
    }
}
