import Foundation
import JSON

extension Dataset {
    /// Writes the inputs, then the label, as CSV that `init(csv:)` reads back to an equal dataset.
    ///
    /// The file appears whole or not at all; one that was there is replaced. Labels under another than the
    /// conventional names are read back as labels only if `init(csv:)` is told their name. Lists are written as JSON.
    ///
    /// - Throws: `DatasetError` if there are no rows, if an input's name would be taken for the label's,
    ///   if a text holds a NUL character, or if the file cannot be written.
    public func writeCSV(to url: URL) throws { try Self.write(csvBytes(), to: url) }

    /// Writes the inputs, then the label, as JSON Lines, which keep their types; else as `writeCSV(to:)`.
    ///
    /// - Throws: As `writeCSV(to:)` does.
    public func writeJSONLines(to url: URL) throws { try Self.write(jsonLinesBytes(), to: url) }

    func csvBytes() throws -> [UInt8] {
        try checkWritable()
        var bytes: [UInt8] = []
        let columns = allColumns
        Self.append(columns.map(\.name), to: &bytes)
        for row in 0..<rowCount { Self.append(columns.map { $0.field(atRow: row) }, to: &bytes) }
        return bytes
    }

    func jsonLinesBytes() throws -> [UInt8] {
        try checkWritable()
        var bytes: [UInt8] = []
        let columns = allColumns
        for row in 0..<rowCount {
            let object = JSONObject(members: columns.map { (key: $0.name, value: $0.json(atRow: row)) })
            bytes += JSONValue.object(object).serialized(.compact).utf8
            bytes.append(UTF8Text.lineFeed)
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], to url: URL) throws {
        do {
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw DatasetError("the file cannot be written: \(error.systemReason)", source: url.path)
        }
    }

    private func checkWritable() throws {
        guard rowCount > 0 else {
            throw DatasetError("there are no rows to write; a file with a header alone could not be read back")
        }
        if let name = Self.labelName(in: allColumns.map(\.name)), name != labels?.name {
            throw DatasetError("this input column would be read back as the labels; give it another name", column: name)
        }
        for column in columns {
            func holdsNUL(_ row: Int) -> Bool {
                column.hasTexts
                    ? column.texts[row].utf8.contains(0)
                    : column.kind == .textLists && column.textLists[row].contains { $0.utf8.contains(0) }
            }
            if let row = (0..<rowCount).first(where: holdsNUL) {
                throw error(atRow: row, column: column.name, "a text with a NUL character cannot be written")
            }
        }
    }

    private static func append(_ fields: [String], to bytes: inout [UInt8]) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            let content = field.utf8
            // A lone empty field is quoted because it would be a blank line, one with another separator because it would
            // look like several; a byte order mark because at the beginning of a file it would be skipped.
            let needsQuotes =
                content.contains { ",\"\r\n".utf8.contains($0) }
                || (fields.count == 1 && (content.isEmpty || content.contains { ";|\t".utf8.contains($0) }))
                || content.starts(with: UTF8Text.byteOrderMark)
            guard needsQuotes else {
                bytes += content
                continue
            }
            bytes.append(UTF8Text.quote)
            for byte in content {
                bytes.append(byte)
                if byte == UTF8Text.quote { bytes.append(byte) }
            }
            bytes.append(UTF8Text.quote)
        }
        bytes.append(UTF8Text.lineFeed)
    }
}
