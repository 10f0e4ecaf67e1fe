/// Named texts beside a progress bar, in the order they were given: `["loss": "0.1234", "lr": "2.0e-05"]`.
public struct ProgressFields: Sendable, ExpressibleByDictionaryLiteral {
    public var pairs: [(key: String, value: String)]

    public init(_ pairs: [(key: String, value: String)] = []) {
        self.pairs = pairs
    }

    public init(dictionaryLiteral elements: (String, String)...) {
        pairs = elements.map { (key: $0.0, value: $0.1) }
    }
}
