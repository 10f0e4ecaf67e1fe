/// A JSON value that knows its file and key, so that whoever asks it for the wrong thing is told where.
///
/// The typed accessors of the project: each gives the value, or throws a `Failure` that names what was expected there.
public struct JSONNode<Failure: JSONReadingError>: Sendable {
    /// The value.
    public let value: JSONValue
    /// Where it stands.
    public let place: JSONPlace

    /// A value and where it stands.
    public init(_ value: JSONValue, at place: JSONPlace) {
        self.value = value
        self.place = place
    }

    /// The value of a whole file.
    public init(_ value: JSONValue, file: String) {
        self.init(value, at: JSONPlace(file: file))
    }

    /// What to throw for a value that is no good for a reason of the caller's own.
    public func error(_ problem: String) -> Failure { Failure(.malformed(problem), at: place) }

    /// What to throw for a value of another kind, or out of bounds.
    public func mismatch(_ expected: String) -> Failure {
        Failure(.mismatch(expected: expected, found: value), at: place)
    }

    /// Whether it is `null`.
    public var isNull: Bool { value == .null }

    // MARK: Members and elements

    /// The value as an object; throws where it is none. The accessors below are like it.
    public func object() throws(Failure) -> JSONObject {
        guard case .object(let object) = value else { throw mismatch("an object") }
        return object
    }

    /// The member named `key`, or nil.
    public func member(_ key: String) throws(Failure) -> JSONNode? {
        guard let member = try object()[key] else { return nil }
        return JSONNode(member, at: place.member(key))
    }

    /// The member named `key`, or nil where it is absent or null.
    public func present(_ key: String) throws(Failure) -> JSONNode? {
        guard let member = try member(key), !member.isNull else { return nil }
        return member
    }

    /// The member of a key, which must be there and not null.
    public func required(_ key: String) throws(Failure) -> JSONNode {
        guard let member = try member(key) else {
            throw Failure(.missing(key: key, expected: "a value"), at: place)
        }
        return member
    }

    /// The elements of a list, each with its place.
    ///
    /// - Parameter kind: What the list was expected to hold, for the message.
    public func elements(_ kind: String = "a list") throws(Failure) -> [JSONNode] {
        guard case .array(let elements) = value else { throw mismatch(kind) }
        return elements.enumerated().map { JSONNode($1, at: place.element($0)) }
    }

    // MARK: Values

    /// The value as a string.
    public func string() throws(Failure) -> String {
        guard case .string(let text) = value else { throw mismatch("a string") }
        return text
    }

    /// The value as `true` or `false`.
    public func bool() throws(Failure) -> Bool {
        guard case .bool(let flag) = value else { throw mismatch("true or false") }
        return flag
    }

    /// The value as a whole number.
    public func integer() throws(Failure) -> Int {
        guard case .integer(let integer) = value else { throw mismatch("an integer") }
        return integer
    }

    /// The value as a whole number of a range.
    public func integer(in range: ClosedRange<Int>) throws(Failure) -> Int {
        guard case .integer(let integer) = value, range.contains(integer) else {
            throw mismatch(
                range.upperBound == .max
                    ? "an integer of at least \(range.lowerBound)"
                    : "an integer from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    /// A finite number; an integer is one, too.
    public func number() throws(Failure) -> Double {
        guard let number = value.doubleValue, number.isFinite else { throw mismatch("a number") }
        return number
    }

    /// The value as a number of a range.
    public func number(in range: ClosedRange<Double>) throws(Failure) -> Double {
        guard let number = value.doubleValue, number.isFinite, range.contains(number) else {
            throw mismatch("a number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// The value as an array of strings.
    public func strings() throws(Failure) -> [String] {
        var strings: [String] = []
        for element in try elements("a list of strings") { strings.append(try element.string()) }
        return strings
    }

    /// The members of an object whose values are strings.
    public func stringMap() throws(Failure) -> [String: String] {
        var result: [String: String] = [:]
        for (key, value) in try object().members {
            let member = JSONNode(value, at: place.member(key))
            guard result.updateValue(try member.string(), forKey: key) == nil else {
                throw member.error("another key differs from this one only in how its accents are encoded")
            }
        }
        return result
    }

    /// One of several things with names.
    ///
    /// - Throws: A failure of the kind `unsupported` for another name, which lists those that there are.
    public func choice<Choice>(
        _ what: String, among all: [(name: String, value: Choice)]
    ) throws(Failure) -> Choice {
        let name = try string()
        guard let found = all.first(where: { $0.name == name }) else { throw unsupported(what, name, among: all.map(\.name)) }
        return found.value
    }

    /// What to throw for a name that nothing here stands for.
    public func unsupported(_ what: String, _ name: String, among all: [String]) -> Failure {
        Failure(.unsupported("\(what) \(quoted(name)) is not supported, supported are \(all.joined(separator: ", "))"), at: place)
    }
}

extension JSONValue {
    /// An integer or another number as a double, infinite beyond its range; nil for anything else.
    public var doubleValue: Double? {
        switch self {
        case .integer(let integer): Double(integer)
        case .number(let number): number.doubleValue
        default: nil
        }
    }
}
