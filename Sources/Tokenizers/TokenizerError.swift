/// A tokenizer's file could not be read or written, or says what is not supported.
public struct TokenizerError: Error, CustomStringConvertible, Sendable, Equatable {
    /// Path of the file.
    public let file: String
    /// Where in the file: a dotted JSON key such as `model.vocab`, or `line 7`; `nil` when it is about the file.
    public let key: String?
    /// What was wrong and what would be right.
    public let problem: String

    /// An error about a file, and the key in it where there is one.
    public init(file: String, key: String? = nil, problem: String) {
        self.file = file
        self.key = key
        self.problem = problem
    }

    public var description: String {
        guard let key else { return "\(file): \(problem)" }
        return "\(file), \(key): \(problem)"
    }
}
