import Foundation
import JSON

/// The values of a JSON Lines file, one after another.
package struct JSONLines {
    private var lines: LineReader
    let source: String
    /// The line read last, from 1.
    package var line: Int { lines.line }

    /// - Throws: `DatasetError` if the file cannot be read.
    package init(contentsOf url: URL) throws { try self.init(TextSource(url)) }

    init(_ text: TextSource) throws {
        lines = try LineReader(text)
        source = text.name
    }

    private func refuse(_ problem: String) -> DatasetError { DatasetError(problem, source: source, line: line) }

    private func value(_ range: Range<Int>) throws -> JSONValue {
        do {
            return try JSONValue.parse(lines.bytes, in: range, line: line)
        } catch {
            throw refuse(
                UTF8Text.firstInvalidPosition(in: lines.bytes, range) != nil
                    ? lines.problem(range) : "\(error.problem), at byte \(error.column) of the line")
        }
    }

    /// The next value; blank lines are passed over.
    ///
    /// - Throws: `DatasetError` with the line.
    package mutating func next() throws -> JSONValue? {
        while let range = try lines.next() {
            if lines.bytes[range].contains(where: { !" \t\r".utf8.contains($0) }) { return try value(range) }
        }
        return nil
    }

    /// The next object; a blank line is refused.
    mutating func nextObject() throws -> JSONObject? {
        guard let range = try lines.next() else { return nil }
        guard let first = lines.bytes[range].firstIndex(where: { !" \t\r".utf8.contains($0) }) else {
            throw refuse("this line is blank; remove it")
        }
        guard lines.bytes[first] == UInt8(ascii: "{") else {
            throw refuse("each line must be a JSON object, found " + UTF8Text.character(at: first, in: lines.bytes))
        }
        guard case .object(let object) = try value(range), !object.isEmpty else {
            throw refuse("the object has no keys; it needs at least one")
        }
        return object
    }
}

/// Gathers objects that are alike.
struct ObjectColumns {
    let source: String
    /// Whether a row is a line, in messages.
    let rowsAreLines: Bool
    private(set) var builders: [JSONColumnBuilder] = []
    private var rowCount = 0

    init(source: String, rowsAreLines: Bool) { (self.source, self.rowsAreLines) = (source, rowsAreLines) }

    private func refuse(_ problem: String, column: String? = nil) -> DatasetError {
        DatasetError(problem, source: source, row: rowsAreLines ? nil : rowCount, line: rowsAreLines ? rowCount : nil, column: column)
    }

    /// - Throws: `DatasetError` if the object has other keys than the first.
    mutating func append(_ object: JSONObject) throws {
        rowCount += 1
        if rowCount == 1 {
            try Dataset.checkNames(object.keys, source: source, row: rowsAreLines ? nil : 1, line: rowsAreLines ? 1 : nil)
            builders = object.keys.map { JSONColumnBuilder(name: $0) }
        }
        let first = rowsAreLines ? "first line" : "first object"
        for (place, member) in object.members.enumerated() {
            // The keys are nearly always in the first one's order.
            let inOrder = place < builders.count && builders[place].name == member.key
            guard let index = inOrder ? place : builders.firstIndex(where: { $0.name == member.key }) else {
                throw refuse("the \(first) has no such key; its keys are \(Dataset.list(builders.map(\.name)))", column: member.key)
            }
            guard builders[index].rowCount < rowCount else { throw refuse("the key occurs twice, in two spellings", column: member.key) }
            builders[index].append(member.value)
        }
        if let missing = builders.first(where: { $0.rowCount < rowCount }) {
            throw refuse(
                "the key is missing; each \(rowsAreLines ? "line" : "object") needs the keys of the first: "
                    + Dataset.list(builders.map(\.name)), column: missing.name)
        }
    }

    var columns: [FileColumn] { builders.map(\.column) }
}
