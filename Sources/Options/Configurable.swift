import JSON
import Requirements

/// What has options.
public protocol Configurable {
    /// One row an option.
    var options: [OptionRow<Self>] { get }
}

extension Configurable {
    /// All options by their keys, in order, as text.
    public var optionValues: [(key: String, value: String)] { options.map { ($0.key, $0.text(of: self)) } }

    /// The options for people, with the values that they have here for defaults.
    public var optionSummaries: [OptionSummary] { options.map { $0.summary(default: self) } }

    /// Sets options by their keys.
    ///
    /// - Parameters:
    ///   - values: By their keys.
    ///   - name: Whose they are, for messages.
    /// - Throws: ``OptionError`` for a key that there is not, a value that does not fit, or one out of its bounds.
    public mutating func setOptions(_ values: JSONObject, of name: String) throws(OptionError) {
        let rows = options
        try OptionError.check(values.keys, among: rows.map(\.key), of: name)
        for row in rows {
            guard let value = values[row.key], !row.set(&self, to: value) else { continue }
            throw OptionError(row.key, of: name, mustBe: row.kind, not: value)
        }
        if let (row, right) = brokenOption { throw OptionError(row.key, of: name, mustBe: right, not: row.json(of: self)) }
    }

    /// - Throws: ``OptionError`` for the first option that is out of its bounds.
    public func checkOptions(of name: String? = nil) throws(OptionError) {
        guard let (row, right) = brokenOption else { return }
        throw OptionError((name.map { "\($0): " } ?? "") + "\(row.key) is \(row.text(of: self)), but must be \(right)")
    }

    /// Traps where an option is out of its bounds.
    public func requireOptions() {
        do {
            try checkOptions(of: "\(Self.self)")
        } catch {
            refuse("\(error)")
        }
    }

    /// The first option that is out of its bounds, and what would be right.
    private var brokenOption: (row: OptionRow<Self>, right: String)? {
        for row in options { if let right = row.brokenBound(in: self) { return (row, right) } }
        return nil
    }
}

/// An option that there is not, or a value that cannot be: which one, what was given, what would be right.
public struct OptionError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    /// An error in words.
    public init(_ description: String) { self.description = description }

    /// An error about the value of an option: what it must be, and what it is.
    public init(_ key: String, of name: String, mustBe right: String, not given: JSONValue?) {
        self.init("\(name): \(key) must be \(right), not \(given.map { $0.serialized(.compact) } ?? "nothing")")
    }

    /// - Throws: The error for the first key that there is not.
    public static func check(_ keys: [String], among known: [String], of name: String) throws(OptionError) {
        guard let key = keys.first(where: { !known.contains($0) }) else { return }
        throw OptionError(
            "\(name) has no option \(key); "
                + (known.isEmpty
                    ? "it has none" : "did you mean \(nearest(to: key, among: known))? It has \(known.joined(separator: ", "))"))
    }
}
