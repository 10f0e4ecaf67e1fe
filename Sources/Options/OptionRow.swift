import JSON

/// All that there is to say of one option: its key, where its value is, what it means, what it may be. Its default is
/// what a new `Root` has there.
///
/// ```swift
/// OptionRow("scale", \CoSENTLoss.scale, "1 / temperature", .moreThan(0))
/// ```
public struct OptionRow<Root>: Sendable {
    /// As files and commands spell it.
    public let key: String
    public let meaning: String
    /// What fits, for messages: in JSON, and as a word.
    public let kind, kindOfText: String
    private(set) var bounds: [Bound<Root>] = []
    /// The default in words, where its value does not tell.
    private var defaultWords: String?
    private var isRequired = false
    private let read: @Sendable (inout Root, JSONValue) -> Bool
    private let parse: @Sendable (inout Root, String) -> Bool
    private let write: @Sendable (Root) -> (json: JSONValue, text: String)

    /// - Parameter bound: Of the value, of what an optional holds, of each element of a list.
    public init<Value: OptionValue>(
        _ key: String, _ path: WritableKeyPath<Root, Value> & Sendable, _ meaning: String = "", _ bound: Bound<Value.Bounded>? = nil
    ) {
        self.key = key
        self.meaning = meaning
        (kind, kindOfText) = (Value.kind, Value.kindOfText)
        read = { Self.set(&$0, path, Value(json: $1)) }
        parse = { Self.set(&$0, path, Value(text: $1)) }
        write = { ($0[keyPath: path].json, $0[keyPath: path].text) }
        if let bound { bounds = [Bound(bound.words) { $0[keyPath: path].bounded.allSatisfy(bound.holds) }] }
    }

    private static func set<Value>(_ root: inout Root, _ path: WritableKeyPath<Root, Value>, _ value: Value?) -> Bool {
        guard let value else { return false }
        root[keyPath: path] = value
        return true
    }

    /// The row of a part, as a row of the whole.
    public init<Part>(_ row: OptionRow<Part>, of path: WritableKeyPath<Root, Part> & Sendable) {
        (key, meaning, kind, kindOfText) = (row.key, row.meaning, row.kind, row.kindOfText)
        (defaultWords, isRequired) = (row.defaultWords, row.isRequired)
        bounds = row.bounds.map { bound in Bound(bound.words) { bound.holds($0[keyPath: path]) } }
        read = { row.read(&$0[keyPath: path], $1) }
        parse = { row.parse(&$0[keyPath: path], $1) }
        write = { row.write($0[keyPath: path]) }
    }

    /// With a condition that several options have to keep together; this one is named where they do not.
    ///
    /// - Parameter words: What would be right.
    public func `where`(_ words: String, _ holds: @escaping @Sendable (Root) -> Bool) -> OptionRow {
        var row = self
        row.bounds.append(Bound(words, holds))
        return row
    }

    /// With a default that is told in words: "the model's".
    public func defaulting(to words: String) -> OptionRow {
        var row = self
        row.defaultWords = words
        return row
    }

    /// Without a default worth telling.
    public func required() -> OptionRow {
        var row = self
        row.isRequired = true
        return row
    }

    /// What it is for people, with the default that `root` has.
    public func summary(default root: Root) -> OptionSummary {
        let value = ([kind] + bounds.map(\.words)).joined(separator: ", ")
        return OptionSummary(key, value, isRequired ? nil : defaultWords ?? shown(json(of: root)), meaning)
    }

    private func shown(_ json: JSONValue) -> String {
        if case .string(let text) = json { return text }
        return json.serialized(.compact)
    }

    public func json(of root: Root) -> JSONValue { write(root).json }
    public func text(of root: Root) -> String { write(root).text }

    /// Sets the option; `null` leaves what cannot be absent as it is.
    ///
    /// - Returns: False where the value does not fit.
    public func set(_ root: inout Root, to json: JSONValue) -> Bool { read(&root, json) || json == .null }
    public func set(_ root: inout Root, to text: String) -> Bool { parse(&root, text) }

    /// What would be right, where the value is not.
    public func brokenBound(in root: Root) -> String? { bounds.first { !$0.holds(root) }?.words }
}

/// An option as people look it up.
public struct OptionSummary: Sendable {
    public let key: String
    /// What fits.
    public let value: String
    /// As text; nil where a value has to be given.
    public let defaultValue: String?
    public let meaning: String

    public init(_ key: String, _ value: String, _ defaultValue: String?, _ meaning: String) {
        self.key = key
        self.value = value
        self.defaultValue = defaultValue
        self.meaning = meaning
    }
}
