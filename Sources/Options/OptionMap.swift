import JSON

/// Values by names, in an order: `{"bert.embeddings": 1e-5}`.
public struct OptionMap<Value: OptionValue & Equatable>: OptionValue, Equatable, ExpressibleByDictionaryLiteral {
    /// Names and values, each name once.
    public let entries: [(name: String, value: Value)]

    public var bounded: [Value.Bounded] { entries.flatMap(\.value.bounded) }
    public static var kind: String { "a map of names to \(Value.kinds)" }

    /// Names and values; of a name that is there twice the last value counts.
    public init(_ entries: [(name: String, value: Value)]) {
        var names = Set<String>()
        self.entries = entries.reversed().filter { names.insert($0.name).inserted }.reversed()
    }

    public init(dictionaryLiteral elements: (String, Value)...) { self.init(elements.map { ($0, $1) }) }

    public init?(json: JSONValue) {
        guard case .object(let object) = json else { return nil }
        let found = object.members.compactMap { member in Value(json: member.value).map { (member.key, $0) } }
        guard found.count == object.count else { return nil }
        self.init(found)
    }

    public var json: JSONValue { .object(JSONObject(members: entries.map { ($0.name, $0.value.json) })) }

    public static func == (a: OptionMap, b: OptionMap) -> Bool { a.json == b.json }
}

/// Options of something that is chosen by another option.
extension JSONObject: OptionValue {
    public static var kind: String { "a map of options" }

    public init?(json: JSONValue) {
        guard case .object(let object) = json else { return nil }
        self = object
    }

    public var json: JSONValue { .object(self) }
}
