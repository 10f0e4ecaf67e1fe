import JSON

/// Why something cannot be evaluated: where, what is wrong, what would be right.
public struct EvaluationError: Error, CustomStringConvertible, Sendable {
    /// The message.
    public let description: String

    /// An error with this message.
    public init(_ description: String) { self.description = description }
}

extension EvaluationError: JSONReadingError {
    /// An error that says what is wrong and where.
    public init(_ problem: JSONProblem, at place: JSONPlace) {
        let what =
            switch problem {
            case .missing(let key, let expected): "\(key) is missing, expected \(expected)"
            case .mismatch(let expected, let found): "expected \(expected), found \(found.serialized(.compact).prefix(80))"
            case .malformed(let problem), .unsupported(let problem): problem
            }
        self.init(([place.file, place.section, place.path.isEmpty ? nil : place.path].compactMap(\.self) + [what]).joined(separator: ": "))
    }
}
