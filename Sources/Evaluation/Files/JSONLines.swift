import Foundation
import JSON
import Tables

/// A file of JSON values, one a line, whose objects need not be alike.
enum JSONLines {
    /// - Throws: ``EvaluationError`` with file and line.
    static func read(_ url: URL) throws -> [JSONNode<EvaluationError>] {
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: url))
        } catch {
            throw EvaluationError("\(url.path): the file cannot be read: \(error.systemReason)")
        }
        return try bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated().compactMap { number, line in
            if line.allSatisfy({ $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\r") }) { return nil }
            let place = JSONPlace(file: url.path, section: "line \(number + 1)")
            do {
                return JSONNode(try JSONValue.parse([UInt8](line)), at: place)
            } catch {
                throw EvaluationError(.malformed("not valid JSON: \(error)"), at: place)
            }
        }
    }
}
