import JSON
import Options

/// A key of `config.json` that some architectures have beside those that all share, and what holds where a file leaves it out.
///
/// ```swift
/// configuration[.relativeBuckets] = 16
/// ```
public struct EncoderSetting<Value: OptionValue>: AnyEncoderSetting {
    /// As `config.json` spells it.
    public let key: String
    let fallback: Value
    private let bound: Bound<Value.Bounded>?

    /// A key, what holds where there is none, and what its value may be.
    public init(_ key: String, _ fallback: Value, _ bound: Bound<Value.Bounded>? = nil) {
        (self.key, self.fallback, self.bound) = (key, fallback, bound)
    }

    public func problem(of json: JSONValue) -> String? {
        if json == .null { return nil }
        if let value = Value(json: json), bound.map({ value.bounded.allSatisfy($0.holds) }) ?? true { return nil }
        return "\(Value.kind)\(bound.map { ", \($0.words)," } ?? "") was expected, but it is \(json.kindName)"
    }
}

/// A setting of any type of value.
public protocol AnyEncoderSetting: Sendable {
    /// As `config.json` spells it.
    var key: String { get }
    /// What is wrong with a value; nil: nothing.
    func problem(of json: JSONValue) -> String?
}

extension EncoderConfiguration {
    /// The value of a key that this architecture has beside those that all share; `null` counts as no value.
    public subscript<Value>(_ setting: EncoderSetting<Value>) -> Value {
        get {
            guard let json = unknownKeys[setting.key], json != .null else { return setting.fallback }
            return Value(json: json) ?? setting.fallback
        }
        set { unknownKeys[setting.key] = newValue.json }
    }
}

extension Bound<Int> {
    static let size = Bound("from 1 to \(Int32.max)") { (1...Int(Int32.max)).contains($0) }
    static let count = Bound("from 0 to \(Int32.max)") { (0...Int(Int32.max)).contains($0) }
}
