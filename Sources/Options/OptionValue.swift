import JSON

/// What an option may be: read from JSON and from a word of the command line, and written as both.
public protocol OptionValue: Sendable {
    /// What a bound speaks of: the value itself, what is inside of an optional, each element of a list.
    associatedtype Bounded: Sendable = Self
    /// The values that a bound looks at: the value itself, or its elements.
    var bounded: [Bounded] { get }

    /// What fits, for messages: "a number".
    static var kind: String { get }
    /// The same of a list's elements: "numbers".
    static var kinds: String { get }
    /// The same of a word.
    static var kindOfText: String { get }

    /// Nil where it does not fit.
    init?(json: JSONValue)
    /// Nil where it does not fit.
    init?(text: String)
    /// The value for a file.
    var json: JSONValue { get }
    /// As reports and configurations show it, and `init(text:)` reads it.
    var text: String { get }
}

extension OptionValue {
    public static var kinds: String { kind.dropFirst(2) + "s" }
    public static var kindOfText: String { kind }

    public init?(text: String) {
        guard let json = try? JSONValue.parse(Array(text.utf8)) else { return nil }
        self.init(json: json)
    }

    public var text: String {
        if case .string(let text) = json { return text }
        return json.serialized(.compact)
    }
}

extension OptionValue where Bounded == Self {
    public var bounded: [Self] { [self] }
}

extension Double: OptionValue {
    public static var kind: String { "a number" }

    public init?(json: JSONValue) {
        guard let number = json.doubleValue else { return nil }
        self = number
    }

    public init?(text: String) { self.init(text) }

    /// A whole number without a fraction; what JSON has no number for as a text.
    public var json: JSONValue { Int(exactly: self).map { .integer($0) } ?? (isFinite ? .real(self) : .string(text)) }
    public var text: String { "\(self)" }
}

extension Int: OptionValue {
    public static var kind: String { "a whole number" }

    /// `3.0` is a whole number, too.
    public init?(json: JSONValue) {
        if case .integer(let integer) = json { self = integer } else { self.init(exactly: json.doubleValue ?? .nan) }
    }

    public init?(text: String) { self.init(text) }
    public var json: JSONValue { .integer(self) }
}

extension UInt64: OptionValue {
    public static var kind: String { "a whole number, 0 or more" }

    public init?(json: JSONValue) { self.init(json.serialized(.compact)) }
    public init?(text: String) { self.init(text) }
    public var json: JSONValue { Int(exactly: self).map { .integer($0) } ?? .string("\(self)") }
}

extension Bool: OptionValue {
    public static var kind: String { "true or false" }

    public init?(json: JSONValue) {
        guard case .bool(let value) = json else { return nil }
        self = value
    }

    public var json: JSONValue { .bool(self) }
}

extension String: OptionValue {
    public static var kind: String { "a text" }

    public init?(json: JSONValue) {
        guard case .string(let text) = json else { return nil }
        self = text
    }

    public init?(text: String) { self = text }
    public var json: JSONValue { .string(self) }
}

/// What may be absent: `null` in JSON, the word `none`.
extension Optional: OptionValue where Wrapped: OptionValue {
    public var bounded: [Wrapped.Bounded] { map(\.bounded) ?? [] }
    public static var kind: String { Wrapped.kind }
    public static var kindOfText: String { Wrapped.kindOfText + ", or none" }

    public init?(json: JSONValue) {
        if json == .null {
            self = .none
        } else if let value = Wrapped(json: json) {
            self = .some(value)
        } else {
            return nil
        }
    }

    public init?(text: String) {
        if ["none", "null", "~"].contains(text) {
            self = .none
        } else if let value = Wrapped(text: text) {
            self = .some(value)
        } else {
            return nil
        }
    }

    public var json: JSONValue { map(\.json) ?? .null }
    public var text: String { map(\.text) ?? "none" }
}

extension Array: OptionValue where Element: OptionValue {
    public var bounded: [Element.Bounded] { flatMap(\.bounded) }
    public static var kind: String { "a list of \(Element.kinds)" }

    public init?(json: JSONValue) {
        guard case .array(let values) = json else { return nil }
        let elements = values.compactMap { Element(json: $0) }
        guard elements.count == values.count else { return nil }
        self = elements
    }

    public var json: JSONValue { .array(map(\.json)) }
    public var text: String { "[" + map(\.text).joined(separator: ", ") + "]" }
}

/// Several of the choices: a list, in the order in which there are.
extension Set: OptionValue where Element: OptionChoice & Hashable {
    public typealias Bounded = Element
    public var bounded: [Element] { Element.all.filter(contains) }
    public static var kind: String { [Element].kind }

    public init?(json: JSONValue) {
        guard let elements = [Element](json: json) else { return nil }
        self.init(elements)
    }

    public var json: JSONValue { bounded.json }
    public var text: String { bounded.map(\.text).joined(separator: ", ") }
}
