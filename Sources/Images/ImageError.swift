/// Why a file is no image that can be used: which file, what is wrong, and what would be right.
public struct ImageError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The kind of trouble, for callers that react to it; people read `description`.
    public enum Kind: Sendable, Equatable {
        /// The file is missing, or the system would not let us read it.
        case unreadable
        /// The content breaks its format, or is cut.
        case malformed
        /// Another format than PNG and JPEG.
        case unsupported
        /// More points than the caller allows.
        case tooLarge
    }

    /// What kind of trouble it is.
    public let kind: Kind
    /// The path of the file, or what else its content is called.
    public let file: String
    /// What was found and what was expected.
    public let problem: String

    /// An error about a file.
    public init(_ kind: Kind, file: String, problem: String) {
        (self.kind, self.file, self.problem) = (kind, file, problem)
    }

    public var description: String { "\(file): \(problem)" }
}
