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
    /// What the option means, in a few words.
    public let meaning: String
    /// What fits, for messages: in JSON, and as a word.
    public let kind, kindOfText: String
    private var bounds: [Bound<Root>] = []
    /// What is told of its default; nil: that a value has to be given.
    private var shown: @Sendable (JSONValue) -> String? = { json in
        if case .string(let text) = json { text } else { json.serialized(.compact) }
    }
    private let read: @Sendable (inout Root, JSONValue) -> Bool
    private let parse: @Sendable (inout Root, String) -> Bool
    private let write: @Sendable (Root) -> (json: JSONValue, text: String)

    /// - Parameters:
    ///   - key: What files and commands call the option.
    ///   - path: Where the value is.
    ///   - meaning: In a few words.
    ///   - bound: Of the value, of what an optional holds, of each element of a list.
    public init<Value: OptionValue>(
        _ key: String, _ path: WritableKeyPath<Root, Value> & Sendable, _ meaning: String = "", _ bound: Bound<Value.Bounded>? = nil
    ) {
        @Sendable func set(_ root: inout Root, _ value: Value?) -> Bool {
            if let value { root[keyPath: path] = value }
            return value != nil
        }
        (self.key, self.meaning, kind, kindOfText) = (key, meaning, Value.kind, Value.kindOfText)
        read = { set(&$0, Value(json: $1)) }
        parse = { set(&$0, Value(text: $1)) }
        write = { ($0[keyPath: path].json, $0[keyPath: path].text) }
        if let bound { bounds = [Bound(bound.words) { $0[keyPath: path].bounded.allSatisfy(bound.holds) }] }
    }

    /// The row of a part, as a row of the whole.
    public init<Part>(_ row: OptionRow<Part>, of path: WritableKeyPath<Root, Part> & Sendable) {
        (key, meaning, kind, kindOfText, shown) = (row.key, row.meaning, row.kind, row.kindOfText, row.shown)
        bounds = row.bounds.map { bound in Bound(bound.words) { bound.holds($0[keyPath: path]) } }
        read = { row.read(&$0[keyPath: path], $1) }
        parse = { row.parse(&$0[keyPath: path], $1) }
        write = { row.write($0[keyPath: path]) }
    }

    /// With a condition that several options have to keep together; this one is named where they do not.
    ///
    /// - Parameters:
    ///   - words: What would be right.
    ///   - holds: Whether the condition is kept.
    public func `where`(_ words: String, _ holds: @escaping @Sendable (Root) -> Bool) -> OptionRow {
        var row = self
        row.bounds.append(Bound(words, holds))
        return row
    }

    /// With a default that is told in words, such as "the model's"; nil: a value has to be given.
    public func defaulting(to words: String?) -> OptionRow {
        var row = self
        row.shown = { _ in words }
        return row
    }

    /// What it is for people, with the default that `root` has.
    public func summary(default root: Root) -> OptionSummary {
        OptionSummary(key, ([kind] + bounds.map(\.words)).joined(separator: ", "), shown(json(of: root)), meaning)
    }

    /// The value that the option has, for a file.
    public func json(of root: Root) -> JSONValue { write(root).json }
    /// The value that the option has, in words.
    public func text(of root: Root) -> String { write(root).text }

    /// Sets the option; `null` leaves what cannot be absent as it is.
    ///
    /// - Returns: False where the value does not fit.
    public func set(_ root: inout Root, to json: JSONValue) -> Bool { read(&root, json) || json == .null }
    /// Reads a value from a text; false where the text is none.
    public func set(_ root: inout Root, to text: String) -> Bool { parse(&root, text) }

    /// What would be right, where the value is not.
    public func brokenBound(in root: Root) -> String? { bounds.first { !$0.holds(root) }?.words }
}

/// An option as people look it up.
public struct OptionSummary: Sendable {
    /// What files and commands call the option.
    public let key: String
    /// What fits.
    public let value: String
    /// As text; nil where a value has to be given.
    public let defaultValue: String?
    /// What it means.
    public let meaning: String

    /// A summary by key, value, default and meaning.
    public init(_ key: String, _ value: String, _ defaultValue: String?, _ meaning: String) {
        (self.key, self.value, self.defaultValue, self.meaning) = (key, value, defaultValue, meaning)
    }
}
