/// What is wrong with a file of a model: which file, where in it, and what would be right.
public struct ModelFileError: Error, CustomStringConvertible, Sendable, Equatable {
    /// The kind of trouble, for callers that react to it; people read `description`.
    public enum Kind: Sendable, Equatable {
        /// There is no such file or folder.
        case missing
        /// The file exists but the system would not let us read it.
        case unreadable
        /// The content breaks its format or contradicts itself.
        case malformed
        /// The content is valid, but nothing here implements it.
        case unsupported
        /// The output exists already and may not be replaced.
        case alreadyExists
        /// The system would not let us write; what was there before is untouched.
        case notWritten
        /// The values to be written do not fit the format.
        case invalidArgument
    }

    /// What kind of trouble it is.
    public let kind: Kind
    /// The path of the file or folder.
    public let file: String
    /// Where in the file: a tensor, a key, an entry's index. Nil when the whole file is meant.
    public let place: String?
    /// What was found and what was expected.
    public let problem: String

    /// An error about a file, and a place in it where that is known.
    public init(_ kind: Kind, file: String, place: String? = nil, problem: String) {
        self.kind = kind
        self.file = file
        self.place = place
        self.problem = problem
    }

    public var description: String {
        if let place { "\(file): \(place): \(problem)" } else { "\(file): \(problem)" }
    }
}
