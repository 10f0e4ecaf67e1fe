import JSON

/// Takes typed values out of a JSON object and says, when one is wrong, in which file and under which key.
///
/// What nobody has taken stays in ``rest``: a configuration keeps it and writes it back.
public struct JSONFields {
    /// The path of the file, for messages.
    public let file: String
    /// The members not taken yet, in the order of the file.
    public private(set) var rest: JSONObject

    /// Where in the file the object stands, for messages; nil for the file's outermost one.
    private let place: String?

    public init(_ object: JSONObject, file: String, place: String? = nil) {
        self.file = file
        self.place = place
        rest = object
    }

    /// The value as it is, or nil when the key is absent.
    public mutating func take(_ key: String) -> JSONValue? {
        defer { rest[key] = nil }
        return rest[key]
    }

    /// The integer under a key; nil when the key is absent or null.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = takeUnlessNull(key) else { return nil }
        guard case .integer(let integer) = value, range.contains(integer) else {
            let bound = range.upperBound == .max
                ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
            throw wrong(key, value, expected: "an integer \(bound)")
        }
        return integer
    }

    public mutating func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws -> Int {
        try required(key, try integer(key, in: range), "an integer")
    }

    /// The finite number under a key, in a range; nil when the key is absent or null.
    public mutating func number(_ key: String, in range: ClosedRange<Double>) throws -> Double? {
        guard let value = takeUnlessNull(key) else { return nil }
        let number: Double? = switch value {
        case .integer(let integer): Double(integer)
        case .number(let number): number.doubleValue
        default: nil
        }
        guard let number, number.isFinite, range.contains(number) else {
            throw wrong(key, value, expected: "a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The flag under a key; nil when the key is absent or null.
    public mutating func bool(_ key: String) throws -> Bool? {
        guard let value = takeUnlessNull(key) else { return nil }
        guard case .bool(let flag) = value else { throw wrong(key, value, expected: "true or false") }
        return flag
    }

    /// The string under a key; nil when the key is absent or null.
    public mutating func string(_ key: String) throws -> String? {
        guard let value = takeUnlessNull(key) else { return nil }
        guard case .string(let string) = value else { throw wrong(key, value, expected: "a string") }
        return string
    }

    public mutating func requiredString(_ key: String) throws -> String {
        try required(key, try string(key), "a string")
    }

    /// A list of strings; nil when the key is absent or null.
    public mutating func strings(_ key: String) throws -> [String]? {
        guard let value = takeUnlessNull(key) else { return nil }
        guard case .array(let elements) = value else { throw wrong(key, value, expected: "a list of strings") }
        return try elements.enumerated().map { index, element in
            guard case .string(let string) = element else {
                throw wrong("\(key)[\(index)]", element, expected: "a string")
            }
            return string
        }
    }

    /// An object whose values are strings; nil when the key is absent or null.
    public mutating func stringMap(_ key: String) throws -> [String: String]? {
        guard let object = try object(key) else { return nil }
        var result: [String: String] = [:]
        for member in object.members {
            let place = "\(key).\(member.key)"
            guard case .string(let string) = member.value else {
                throw wrong(place, member.value, expected: "a string")
            }
            guard result.updateValue(string, forKey: member.key) == nil else {
                throw error(place, "another key differs from this one only in how its accents are encoded")
            }
        }
        return result
    }

    /// The object under a key; nil when the key is absent or null.
    public mutating func object(_ key: String) throws -> JSONObject? {
        guard let value = takeUnlessNull(key) else { return nil }
        guard case .object(let object) = value else { throw wrong(key, value, expected: "an object") }
        return object
    }

    /// An error about a key of this file.
    public func error(
        _ key: String, _ problem: String, kind: ModelFileError.Kind = .malformed
    ) -> ModelFileError {
        let prefix = place.map { "\($0), " } ?? ""
        return ModelFileError(kind, file: file, place: "\(prefix)key \(quoted(key))", problem: problem)
    }

    func required<Value>(_ key: String, _ value: Value?, _ expected: String) throws -> Value {
        guard let value else { throw error(key, "\(expected) is required, but the key is missing or null") }
        return value
    }

    func wrong(_ key: String, _ value: JSONValue, expected: String) -> ModelFileError {
        error(key, "\(expected) was expected, but it is \(value.kindName)")
    }

    private mutating func takeUnlessNull(_ key: String) -> JSONValue? {
        let value = take(key)
        return value == .null ? nil : value
    }
}
