/// Reads JSON (RFC 8259) strictly: no comments, no trailing commas, no lone surrogates, nothing after the
/// value.
///
/// Foundation's reader takes several times as long for a vocabulary of 30,000 entries, loses the order of the
/// members, and does not say where a mistake is.
struct JSONReader {
    /// What was wrong, and how many bytes stand before it in the file.
    struct SyntaxError: Error {
        let problem: String
        let offset: Int
    }

    private static let deepest = 200

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    /// - Throws: `TokenizerError` with the byte offset.
    static func read(_ bytes: [UInt8], file: String) throws -> JSON {
        do {
            var reader = JSONReader(bytes)
            return try reader.document()
        } catch let error as SyntaxError {
            throw TokenizerError(
                file: file, key: "byte \(error.offset)", problem: "not valid JSON: \(error.problem)")
        }
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private mutating func document() throws -> JSON {
        // Strings are cut from the bytes below without being checked one by one.
        guard String(validating: bytes, as: UTF8.self) != nil else {
            throw SyntaxError(problem: "the file is not UTF-8", offset: firstInvalidByte())
        }
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw error("expected the end of the file") }
        return value
    }

    private func firstInvalidByte() -> Int {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var offset = 0
        while case .scalarValue(let scalar) = decoder.decode(&iterator) { offset += UTF8.width(scalar) }
        return offset
    }

    private func error(_ problem: String) -> SyntaxError {
        SyntaxError(problem: problem, offset: position)
    }

    private var current: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func skipBlanks() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func value() throws -> JSON {
        skipBlanks()
        switch current {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        case UInt8(ascii: "-"): return try number()
        case let byte? where byte >= 0x30 && byte <= 0x39: return try number()
        case nil: throw error("the file ends where a value should be")
        default: throw error("expected a value")
        }
    }

    private mutating func word(_ text: StaticString, _ value: JSON) throws -> JSON {
        for byte in "\(text)".utf8 {
            guard current == byte else { throw error("expected \(text)") }
            position += 1
        }
        return value
    }

    private mutating func enter() throws {
        position += 1
        depth += 1
        if depth > Self.deepest { throw error("nested deeper than \(Self.deepest) levels") }
    }

    /// Steps over a comma or the closing byte. - Returns: Whether that was the closing byte.
    private mutating func closes(with closing: UInt8) throws -> Bool {
        skipBlanks()
        switch current {
        case closing:
            position += 1
            depth -= 1
            return true
        case UInt8(ascii: ","):
            position += 1
            return false
        default:
            throw error("expected , or \(Character(Unicode.Scalar(closing)))")
        }
    }

    private mutating func object() throws -> JSON {
        try enter()
        var members: [JSON.Member] = []
        skipBlanks()
        if current == UInt8(ascii: "}") { return try closes(with: UInt8(ascii: "}")) ? .object([]) : .null }
        repeat {
            skipBlanks()
            guard current == UInt8(ascii: "\"") else { throw error("expected a key in quotation marks") }
            let key = try string()
            skipBlanks()
            guard current == UInt8(ascii: ":") else { throw error("expected :") }
            position += 1
            members.append(JSON.Member(key, try value()))
        } while try !closes(with: UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func array() throws -> JSON {
        try enter()
        var elements: [JSON] = []
        skipBlanks()
        if current == UInt8(ascii: "]") { return try closes(with: UInt8(ascii: "]")) ? .array([]) : .null }
        repeat {
            elements.append(try value())
        } while try !closes(with: UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func number() throws -> JSON {
        let start = position
        var isInteger = true
        func digits() throws {
            guard let first = current, first >= 0x30, first <= 0x39 else { throw error("expected a digit") }
            while let digit = current, digit >= 0x30, digit <= 0x39 { position += 1 }
        }
        if current == UInt8(ascii: "-") { position += 1 }
        if current == UInt8(ascii: "0") { position += 1 } else { try digits() }
        if current == UInt8(ascii: ".") {
            isInteger = false
            position += 1
            try digits()
        }
        if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
            isInteger = false
            position += 1
            if current == UInt8(ascii: "-") || current == UInt8(ascii: "+") { position += 1 }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let value = Int(text) { return .integer(value) }
        guard let value = Double(text) else { throw error("not a number: \(text)") }
        return .number(value)
    }

    private mutating func string() throws -> String {
        position += 1
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                defer { position += 1 }
                return String(decoding: bytes[start..<position], as: UTF8.self)
            case UInt8(ascii: "\\"): return try escapedString(from: start)
            case 0..<0x20: throw error("a control character in a string must be escaped")
            default: position += 1
            }
        }
        throw error("the file ends within a string")
    }

    private mutating func escapedString(from start: Int) throws -> String {
        var text = Array(bytes[start..<position])
        while let byte = current {
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
            case UInt8(ascii: "\\"): text.appendUTF8(of: try escape())
            case 0..<0x20:
                position -= 1
                throw error("a control character in a string must be escaped")
            default: text.append(byte)
            }
        }
        throw error("the file ends within a string")
    }

    private mutating func escape() throws -> UInt32 {
        guard let byte = current else { throw error("the file ends within a string") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt32(byte)
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "f"): return 0x0C
        case UInt8(ascii: "n"): return 0x0A
        case UInt8(ascii: "r"): return 0x0D
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "u"): break
        default:
            position -= 1
            throw error("unknown escape")
        }
        let unit = try fourHexadecimalDigits()
        guard unit & 0xF800 == 0xD800 else { return unit }
        guard unit < 0xDC00, current == UInt8(ascii: "\\") else { throw error("half of a surrogate pair") }
        position += 1
        guard current == UInt8(ascii: "u") else { throw error("half of a surrogate pair") }
        position += 1
        let low = try fourHexadecimalDigits()
        guard low & 0xFC00 == 0xDC00 else { throw error("half of a surrogate pair") }
        return 0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF)
    }

    private mutating func fourHexadecimalDigits() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}
