import Foundation
import JSON

/// Reads and writes whole JSON files.
public enum JSONFile {
    /// - Throws: ``ModelFileError`` when the file is missing, unreadable, or not JSON (with line and column).
    public static func read(_ url: URL) throws -> JSONValue {
        let mapping = try FileMapping(contentsOf: url, access: .readOnly)
        do {
            return try JSONValue.parse([UInt8](mapping.bytes))
        } catch {
            throw ModelFileError(.malformed, file: url.path, problem: "not valid JSON: \(error)")
        }
    }

    /// - Throws: ``ModelFileError`` also when the file holds anything else than an object.
    public static func readObject(_ url: URL) throws -> JSONObject {
        let value = try read(url)
        guard case .object(let object) = value else {
            throw ModelFileError(
                .malformed, file: url.path,
                problem: "an object {…} was expected, but the file holds \(value.kindName)")
        }
        return object
    }

    /// Writes the value and a line feed; the file appears complete or not at all.
    public static func write(_ value: JSONValue, to url: URL, style: JSONStyle) throws {
        try AtomicFile.write(value.serialized(style) + "\n", to: url)
    }
}
