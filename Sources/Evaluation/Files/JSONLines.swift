import Foundation
import JSON
import Tables

extension JSONLines {
    /// The values of a file, whose objects need not be alike.
    ///
    /// - Throws: ``EvaluationError`` with file and line.
    static func nodes(of url: URL) throws -> [JSONNode<EvaluationError>] {
        do {
            var lines = try JSONLines(contentsOf: url), nodes: [JSONNode<EvaluationError>] = []
            while let value = try lines.next() {
                nodes.append(JSONNode(value, at: JSONPlace(file: url.path, section: "line \(lines.line)")))
            }
            return nodes
        } catch let error as DatasetError {
            guard let line = error.line else { throw EvaluationError("\(url.path): \(error.problem)") }
            throw EvaluationError(.malformed("not valid JSON: \(error.problem)"), at: JSONPlace(file: url.path, section: "line \(line)"))
        }
    }
}
