import Requirements

/// One value of a JSON text. Unlike Foundation's reader it keeps integers exact, keeps the order of keys
/// and refuses an object that holds a key twice.
public enum JSONValue: Sendable, Equatable {
    /// `null`.
    case null
    /// `true` or `false`.
    case bool(Bool)
    /// A number without fraction or exponent that fits 64 bits.
    case integer(Int)
    /// Every other number, in the digits of the file.
    case number(JSONNumber)
    /// A string.
    case string(String)
    /// An array.
    case array([JSONValue])
    /// An object.
    case object(JSONObject)

    /// A finite floating-point number, in the shortest digits that give it back.
    public static func real(_ value: Double) -> JSONValue { .number(JSONNumber(value)) }

    /// What kind of value this is, for messages.
    public var kindName: String {
        switch self {
        case .null: "null"
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): "the integer \(value)"
        case .number(let value): "the number \(value.literal)"
        case .string(let value): "the string \(quoted(value))"
        case .array: "a list"
        case .object: "an object"
        }
    }
}

/// A number in the digits in which it was written, so that a file can be rewritten without changing it.
public struct JSONNumber: Sendable, Equatable {
    /// The number as the text writes it.
    public let literal: String

    /// - Precondition: `value` is finite; JSON cannot express anything else.
    public init(_ value: Double) {
        require(value.isFinite, "JSON has no way to write \(value)")
        literal = "\(value)"
    }

    init(checkedLiteral: String) { literal = checkedLiteral }

    /// The nearest double; infinite when the literal is beyond its range.
    public var doubleValue: Double { Double(literal) ?? .nan }
}
