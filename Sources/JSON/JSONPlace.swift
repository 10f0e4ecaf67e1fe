/// Where in a file a JSON value stands.
public struct JSONPlace: Sendable, Equatable {
    /// The path of the file, or another name of where the text came from.
    public let file: String
    /// The part of the file that keys are counted from, such as `entry 2` or `line 7`; nil for the whole file.
    public let section: String?
    /// Keys and indices from there on, such as `model.vocab` or `added_tokens[3].content`; empty for the outermost value.
    public let path: String

    /// A place in a file.
    public init(file: String, section: String? = nil, path: String = "") {
        self.file = file
        self.section = section
        self.path = path
    }

    /// The place of a member of the object here.
    public func member(_ key: String) -> JSONPlace {
        JSONPlace(file: file, section: section, path: path.isEmpty ? key : "\(path).\(key)")
    }

    /// The place of an element of the array here, counted from 0.
    public func element(_ index: Int) -> JSONPlace {
        JSONPlace(file: file, section: section, path: "\(path)[\(index)]")
    }
}

/// What is wrong with a value that was read from JSON.
public enum JSONProblem: Sendable, Equatable {
    /// The object at the place lacks a key, or holds null there.
    case missing(key: String, expected: String)
    /// The value at the place is of another kind, or out of bounds.
    case mismatch(expected: String, found: JSONValue)
    /// The value contradicts something else.
    case malformed(String)
    /// The value is valid, but nothing here implements it.
    case unsupported(String)
}

/// An error that can say what is wrong with a value of a JSON text, and where: what ``JSONNode`` throws.
public protocol JSONReadingError: Error {
    /// An error that says what is wrong and where.
    init(_ problem: JSONProblem, at place: JSONPlace)
}
