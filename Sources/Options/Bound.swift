/// What a value has to keep beside its type, with the words that say so.
public struct Bound<Value>: Sendable {
    /// What would be right: "1 or more".
    public let words: String
    /// Whether a value keeps it.
    public let holds: @Sendable (Value) -> Bool

    /// A bound in words, such as "more than 0", and whether a value keeps it.
    public init(_ words: String, _ holds: @escaping @Sendable (Value) -> Bool) {
        self.words = words
        self.holds = holds
    }
}

extension Bound where Value: OptionValue & Comparable {
    /// `least` or more.
    public static func atLeast(_ least: Value) -> Bound {
        Bound("\(least.json.serialized(.compact)) or more") { $0 >= least }
    }

    /// More than `limit`.
    public static func moreThan(_ limit: Value) -> Bound {
        Bound("more than \(limit.json.serialized(.compact))") { $0 > limit }
    }
}
