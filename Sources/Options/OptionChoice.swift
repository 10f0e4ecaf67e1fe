import JSON

/// One of several things with names: the cases of an enumeration of strings, or similarity functions.
public protocol OptionChoice: OptionValue {
    /// What files and commands call it.
    var name: String { get }
    /// All choices there are.
    static var all: [Self] { get }
}

extension OptionChoice {
    public static var kind: String { "one of \(kinds)" }
    public static var kinds: String { all.map(\.name).joined(separator: ", ") }

    /// By its name, whatever its case.
    public init?(json: JSONValue) {
        guard let name = String(json: json) else { return nil }
        self.init(text: name)
    }

    public init?(text: String) {
        guard let found = Self.all.first(where: { $0.name.lowercased() == text.lowercased() }) else { return nil }
        self = found
    }

    public var json: JSONValue { .string(name) }
    public var text: String { name }
}

extension OptionChoice where Self: CaseIterable & RawRepresentable, RawValue == String {
    public var name: String { rawValue }
    public static var all: [Self] { Array(allCases) }
}
