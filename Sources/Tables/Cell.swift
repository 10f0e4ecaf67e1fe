import JSON

/// One value of a table as files spell it.
enum Cell {
    case text(String)
    case number(Double, isInteger: Bool)
    /// Numbers one after another, of shape `[K]` or `[C, K]`.
    case numbers([Double], shape: [Int], areIntegers: Bool)
    case texts([String])
    case emptyList

    /// What is wrong with a value, and in which row (from 0) where that is known.
    struct Problem: Error {
        let text: String
        var row = 0
        init(_ text: String) { self.text = text }
    }

    /// A text, a number, a list of either, or a list of lists of numbers.
    init(_ value: JSONValue) throws(Problem) {
        switch value {
        case .string(let text): self = .text(try Self.text(text))
        case .integer, .number:
            let (value, isInteger) = try Self.number(value)!
            self = .number(value, isInteger: isInteger)
        case .array(let elements): self = try Self.list(elements)
        case .null, .bool, .object:
            throw Problem("a value must be a text, a number or a list of either, found \(value.kindName)")
        }
    }

    /// What a field spells that holds no text: a number, or a list as of JSON.
    ///
    /// - Parameter noun: What it is, for messages, such as "label".
    init(field: String, as noun: String) throws(Problem) {
        guard field.utf8.first == UInt8(ascii: "[") else {
            let (value, isInteger) = try Self.number(field, as: noun)
            self = .number(value, isInteger: isInteger)
            return
        }
        let value: JSONValue
        do throws(JSONSyntaxError) {
            value = try JSONValue.parse(Array(field.utf8))
        } catch {
            throw Problem("a \(noun) must be a number or a list of numbers, found \(UTF8Text.excerpt(field)): \(error.problem)")
        }
        try self.init(value)
    }

    /// What kind of value this is, for messages.
    var name: String {
        switch self {
        case .text(let text): "the text " + UTF8Text.excerpt(text)
        case .number: "a number"
        case .numbers(_, let shape, _): "a list of shape \(shape)"
        case .texts: "a list of texts"
        case .emptyList: "an empty list"
        }
    }

    private static func list(_ elements: [JSONValue]) throws(Problem) -> Cell {
        guard let first = elements.first else { return .emptyList }
        var texts: [String] = []
        var numbers: [Double] = []
        var areIntegers = true
        var innerShape: [Int]?
        for element in elements {
            switch (first, element) {
            case (.string, .string(let text)): texts.append(try Self.text(text))
            case (.integer, .integer), (.integer, .number), (.number, .integer), (.number, .number):
                let (value, isInteger) = try number(element)!
                numbers.append(value)
                areIntegers = areIntegers && isInteger
            case (.array, .array(let inner)):
                guard case .numbers(let values, let shape, let areInner) = try list(inner), shape.count == 1 else {
                    throw Problem("a list may hold texts, numbers or lists of numbers, but no other lists and no deeper ones")
                }
                guard shape == innerShape ?? shape else {
                    throw Problem("the parts of a list must be alike, found a list of \(innerShape![0]), then a list of \(shape[0])")
                }
                innerShape = shape
                numbers += values
                areIntegers = areIntegers && areInner
            case (.null, _), (.bool, _), (.object, _):
                throw Problem("a list may hold texts, numbers or lists of numbers, found \(first.kindName) in it")
            default: throw Problem("the parts of a list must be alike, found \(first.kindName), then \(element.kindName)")
            }
        }
        if case .string = first { return .texts(texts) }
        return .numbers(numbers, shape: [elements.count] + (innerShape ?? []), areIntegers: areIntegers)
    }

    private static func text(_ text: String) throws(Problem) -> String {
        var copy = text
        guard !copy.withUTF8({ $0.contains(0) }) else { throw Problem("a text may not hold the NUL character") }
        return text
    }

    private static func number(_ value: JSONValue) throws(Problem) -> (value: Double, isInteger: Bool)? {
        switch value {
        case .integer(let integer) where Double(integer).magnitude <= Dataset.Column.largestExactInteger: return (Double(integer), true)
        case .integer(let integer): return try number("\(integer)", as: "value")
        case .number(let number):
            // JSON's grammar has been checked already.
            let hasFraction = number.literal.utf8.contains { $0 == UInt8(ascii: ".") || $0 | 0x20 == UInt8(ascii: "e") }
            let value = hasFraction ? number.doubleValue : .infinity
            return value.isFinite ? (value, false) : try Self.number(number.literal, as: "value")
        default: return nil
        }
    }

    /// The number that `text` spells in decimal digits, and whether it is spelled as an integer.
    private static func number(_ text: String, as noun: String) throws(Problem) -> (value: Double, isInteger: Bool) {
        // `Double` also reads hexadecimal numbers, "nan" and "inf", which no table should hold.
        var isDecimal = true, isInteger = true
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "-"): break
            case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"): isInteger = false
            default: isDecimal = false
            }
        }
        guard isDecimal, let value = Double(text) else {
            let found = UTF8Text.excerpt(text)
            if Double(text) != nil || ["nan", "inf", "infinity"].contains(text.lowercased()) {
                throw Problem("a \(noun) must be a finite decimal number, found \(found)")
            }
            if text.contains(","), Double(text.replacing(",", with: ".")) != nil {
                throw Problem("a \(noun) must be a number, found \(found); write decimals with a point, not a comma")
            }
            throw Problem("a \(noun) must be a number, found \(found)" + (noun == "label" ? Self.otherName : ""))
        }
        guard value.isFinite else {
            throw Problem("a \(noun) must be finite, but \(UTF8Text.excerpt(text)) is too large a number")
        }
        guard !isInteger || value.magnitude <= Dataset.Column.largestExactInteger else {
            throw Problem("an integer \(noun) must be less than 2^53 in magnitude, found \(text)")
        }
        return (value, isInteger)
    }

    static let otherName = "; give a column of texts another name"
}
