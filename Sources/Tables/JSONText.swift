/// Numbers and lists of numbers as JSON spells them (RFC 8259).
enum JSONText {
    /// The number that begins at `position`, which moves behind it.
    ///
    /// - Throws: `LabelText.Problem`.
    static func number(in bytes: [UInt8], at position: inout Int, end: Int) throws -> (value: Double, isInteger: Bool) {
        let first = position
        while position < end, isDigit(bytes[position]) || "+-.eE".utf8.contains(bytes[position]) { position += 1 }
        let text = String(decoding: bytes[first..<position], as: UTF8.self)
        guard hasNumberGrammar(bytes[first..<position]) else {
            throw LabelText.Problem("\(UTF8Text.excerpt(text)) is not a JSON number")
        }
        return try LabelText.number(in: text)
    }

    /// The list of numbers, or of lists of numbers, that begins at `position`, which moves behind it.
    ///
    /// - Throws: `LabelText.Problem`, for lists of different lengths, too.
    static func list(in bytes: [UInt8], at position: inout Int, end: Int) throws -> LabelText.Label {
        try list(in: bytes, at: &position, end: end, mayHoldLists: true)
    }

    private static func list(
        in bytes: [UInt8], at position: inout Int, end: Int, mayHoldLists: Bool
    ) throws -> LabelText.Label {
        var values: [Double] = []
        var areIntegers = true
        var count = 0
        var elementShape: [Int]?
        repeat {
            position += 1                                   // the bracket or the comma
            skipWhiteSpace(in: bytes, at: &position, end: end)
            let element = try element(in: bytes, at: &position, end: end, mayBeList: mayHoldLists)
            if let elementShape, elementShape != element.shape {
                throw LabelText.Problem("the parts of a label's list must be alike, found \(name(elementShape)), "
                    + "then \(name(element.shape))")
            }
            elementShape = element.shape
            count += 1
            switch element {
            case .number(let value, let isInteger):
                values.append(value)
                areIntegers = areIntegers && isInteger
            case .list(let inner, _, let areInner):
                values += inner
                areIntegers = areIntegers && areInner
            }
            skipWhiteSpace(in: bytes, at: &position, end: end)
        } while position < end && bytes[position] == UInt8(ascii: ",")
        guard position < end, bytes[position] == UInt8(ascii: "]") else {
            throw LabelText.Problem("a label's list needs a comma or a closing bracket after each part, found "
                + kindOfValue(in: bytes, at: position, end: end))
        }
        position += 1
        return .list(values, shape: [count] + (elementShape ?? []), areIntegers: areIntegers)
    }

    private static func element(
        in bytes: [UInt8], at position: inout Int, end: Int, mayBeList: Bool
    ) throws -> LabelText.Label {
        switch position < end ? bytes[position] : 0 {
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
            let (value, isInteger) = try number(in: bytes, at: &position, end: end)
            return .number(value, isInteger: isInteger)
        case UInt8(ascii: "[") where mayBeList:
            return try list(in: bytes, at: &position, end: end, mayHoldLists: false)
        case UInt8(ascii: "["):
            throw LabelText.Problem("a label's lists may hold lists of numbers, but no deeper ones")
        case UInt8(ascii: "]"):
            throw LabelText.Problem("a label's list must hold a number at each place, found an array that lacks one")
        default:
            throw LabelText.Problem("a label must be a number or a list of numbers, found an array with "
                + kindOfValue(in: bytes, at: position, end: end) + " in it")
        }
    }

    private static func name(_ shape: [Int]) -> String {
        shape.isEmpty ? "a number" : "a list of \(shape[0])"
    }

    static func skipWhiteSpace(in bytes: [UInt8], at position: inout Int, end: Int) {
        while position < end, [0x20, 0x09, 0x0D, 0x0A].contains(bytes[position]) { position += 1 }
    }

    /// A message's name for the value that begins at `position`, or for the character if none does.
    static func kindOfValue(in bytes: [UInt8], at position: Int, end: Int) -> String {
        guard position < end else { return "the end" }
        let rest = bytes[position..<end]
        if rest.starts(with: "true".utf8) || rest.starts(with: "false".utf8) { return "a Boolean" }
        if rest.starts(with: "null".utf8) { return "null" }
        switch bytes[position] {
        case UInt8(ascii: "{"): return "an object"
        case UInt8(ascii: "["): return "an array"
        case UTF8Text.quote: return "a string"
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return "a number"
        default: return UTF8Text.character(at: position, in: bytes)
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    /// Whether the bytes are what JSON calls a number, which `Double` is less strict about: no plus in front,
    /// no leading zero, digits on both sides of the point.
    private static func hasNumberGrammar(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        func dropDigits() -> Int {
            let count = rest.prefix(while: isDigit).count
            rest = rest.dropFirst(count)
            return count
        }
        if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
        let startsWithZero = rest.first == UInt8(ascii: "0")
        let integerDigits = dropDigits()
        guard integerDigits > 0, !(startsWithZero && integerDigits > 1) else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard dropDigits() > 0 else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard dropDigits() > 0 else { return false }
        }
        return rest.isEmpty
    }
}
