import Foundation
import JSON

/// A JSON file of a model directory as a typed value. Keys that the type does not know are kept in
/// `unknownKeys` and written back.
public protocol ModelConfiguration: Sendable, Equatable {
    /// The file's usual name in its folder.
    static var fileName: String { get }
    /// How the file is laid out.
    static var style: JSONStyle { get }

    /// Takes the values out of a file's object.
    ///
    /// - Throws: ``ModelFileError`` with file and key.
    init(from fields: inout JSONFields) throws

    /// What is written to the file.
    func json(_ style: ModelFileStyle) -> JSONObject
}

extension ModelConfiguration {
    /// Reads the file of the usual name in a folder.
    public static func read(fromFolder folder: URL) throws -> Self {
        try read(contentsOf: folder.appendingPathComponent(fileName))
    }

    /// Like `read(fromFolder:)`, but nil when there is no such file.
    public static func readIfPresent(fromFolder folder: URL) throws -> Self? {
        do {
            return try read(fromFolder: folder)
        } catch let error as ModelFileError where error.kind == .missing {
            return nil
        }
    }

    /// Reads a file.
    ///
    /// - Throws: ``ModelFileError``.
    public static func read(contentsOf url: URL) throws -> Self {
        var fields = JSONFields(try JSONFile.readObject(url), file: url.path)
        return try Self(from: &fields)
    }

    /// Writes the file of the usual name into a folder that exists.
    public func write(toFolder folder: URL, style: ModelFileStyle = .version6) throws {
        let url = folder.appendingPathComponent(Self.fileName)
        try JSONFile.write(.object(json(style)), to: url, style: Self.style)
    }
}

extension JSONObject {
    /// Appends members whose key is not there yet.
    public mutating func fill(from other: JSONObject) {
        for member in other.members { _ = appendIfNew(member.key, member.value) }
    }
}

extension JSONValue {
    init(_ string: String?) { self = string.map { .string($0) } ?? .null }
    init(_ integer: Int?) { self = integer.map { .integer($0) } ?? .null }

    init(_ strings: [String: String]) {
        var object = JSONObject()
        for (key, value) in strings.sorted(by: { $0.key < $1.key }) { object[key] = .string(value) }
        self = .object(object)
    }
}
