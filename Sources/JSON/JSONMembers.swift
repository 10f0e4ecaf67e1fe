/// Takes typed values out of a JSON object and says, when one is wrong, in which file and under which key.
///
/// What nobody has taken stays in `rest`: a configuration keeps it and writes it back. A key that is absent or null gives
/// nil. The accessors are those of ``JSONNode``.
public struct JSONMembers<Failure: JSONReadingError>: Sendable {
    /// The members not taken yet, in the order of the file.
    public private(set) var rest: JSONObject
    /// Where the object stands.
    public let place: JSONPlace

    /// The members of an object, and where it stands.
    public init(_ object: JSONObject, at place: JSONPlace) {
        rest = object
        self.place = place
    }

    /// - Parameters:
    ///   - object: The members.
    ///   - file: What messages call the file.
    ///   - section: Where in the file the object stands, for messages; nil for the file's outermost one.
    public init(_ object: JSONObject, file: String, place section: String? = nil) {
        self.init(object, at: JSONPlace(file: file, section: section))
    }

    /// The path of the file, for messages.
    public var file: String { place.file }

    /// The value as it is, or nil when the key is absent.
    public mutating func take(_ key: String) -> JSONValue? {
        defer { rest[key] = nil }
        return rest[key]
    }

    /// The value with its place; nil when the key is absent or null.
    public mutating func node(_ key: String) -> JSONNode<Failure>? {
        guard let value = take(key), value != .null else { return nil }
        return JSONNode(value, at: place.member(key))
    }

    /// A whole number of a range; nil where the key is missing or null. The readers below are like it: they throw where the
    /// value is another one than they ask for.
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int? {
        try node(key)?.integer(in: range)
    }

    /// A finite number in a range.
    public mutating func number(_ key: String, in range: ClosedRange<Double>) throws(Failure) -> Double? {
        try node(key)?.number(in: range)
    }

    /// `true` or `false`; nil where the key is missing or null.
    public mutating func bool(_ key: String) throws(Failure) -> Bool? { try node(key)?.bool() }

    /// A string; nil where the key is missing or null.
    public mutating func string(_ key: String) throws(Failure) -> String? { try node(key)?.string() }

    /// An array of strings; nil where the key is missing or null.
    public mutating func strings(_ key: String) throws(Failure) -> [String]? { try node(key)?.strings() }

    /// An object whose values are strings.
    public mutating func stringMap(_ key: String) throws(Failure) -> [String: String]? { try node(key)?.stringMap() }

    /// An object; nil where the key is missing or null.
    public mutating func object(_ key: String) throws(Failure) -> JSONObject? { try node(key)?.object() }

    /// A whole number of a range, which must be there.
    public mutating func requiredInteger(_ key: String, in range: ClosedRange<Int>) throws(Failure) -> Int {
        try required(key, try integer(key, in: range), "an integer")
    }

    /// A string, which must be there.
    public mutating func requiredString(_ key: String) throws(Failure) -> String {
        try required(key, try string(key), "a string")
    }

    /// - Throws: When the value is nil: the key is missing or null.
    public func required<Value>(_ key: String, _ value: Value?, _ expected: String) throws(Failure) -> Value {
        guard let value else { throw Failure(.missing(key: key, expected: expected), at: place) }
        return value
    }

    /// What to throw about the value of a key.
    public func error(_ key: String, _ problem: JSONProblem) -> Failure { Failure(problem, at: place.member(key)) }
}
