import Foundation
import JSON

extension Table {
    /// Writes a file in the format that its name tells, compressed if it ends in `.gz` or `.zst`.
    ///
    /// A format without types or without nulls takes what it can: CSV has an empty field for a null, and JSON for a list. Dates and
    /// the like become texts.
    ///
    /// - Throws: `DatasetError` if the columns do not fit the format, or if the file cannot be written.
    package func write(to url: URL) throws {
        switch try FileFormat(of: url) {
        case .delimited(let delimiter, _): try write(csvBytes(delimiter), to: url)
        case .jsonLines: try write(jsonLinesBytes, to: url)
        case .json: try write(jsonBytes, to: url)
        case .text: try write(textBytes(), to: url)
        case .parquet: try FileWriter.write(to: url) { try ParquetWriter.write(typed.columns, to: &$0) }
        case .arrow: try FileWriter.write(to: url) { try ArrowWriter.write(typed.columns, to: &$0) }
        case .sqlite:
            let name = url.deletingPathExtension().lastPathComponent
            try FileWriter.atomically(to: url) { try SQLiteDatabase($0, creates: true).write(typed.columns, table: name) }
        }
    }

    private func write(_ bytes: [UInt8], to url: URL) throws {
        let bytes = FileFormat.compression(of: url).map { $0.compress(bytes) } ?? bytes
        try FileWriter.write(to: url) { try $0.append(bytes) }
    }

    // MARK: Text

    func csvBytes(_ delimiter: Character = ",") -> [UInt8] {
        var bytes: [UInt8] = []
        Self.append(columns.map(\.name), to: &bytes, delimiter)
        for row in 0..<rowCount { Self.append(columns.map { $0.field(atRow: row) }, to: &bytes, delimiter) }
        return bytes
    }

    var jsonLinesBytes: [UInt8] {
        let table = typed
        var bytes: [UInt8] = []
        for row in 0..<rowCount {
            bytes += JSONValue.object(table.object(atRow: row)).serialized(.compact).utf8
            bytes.append(UTF8Text.lineFeed)
        }
        return bytes
    }

    var jsonBytes: [UInt8] {
        let table = typed
        var bytes = Array("[".utf8)
        for row in 0..<rowCount {
            bytes += row == 0 ? "\n".utf8 : ",\n".utf8
            bytes += JSONValue.object(table.object(atRow: row)).serialized(.compact).utf8
        }
        return bytes + "\n]\n".utf8
    }

    func textBytes() throws -> [UInt8] {
        guard columns.count == 1 else {
            throw DatasetError("a text file holds one column, a sentence a line; there are \(Dataset.list(columns.map(\.name)))")
        }
        var bytes: [UInt8] = []
        for row in 0..<rowCount {
            let field = columns[0].field(atRow: row)
            guard !field.utf8.contains(UTF8Text.lineFeed), !field.utf8.contains(UTF8Text.carriageReturn) else {
                throw origin.error(atRow: row, column: columns[0].name, "a text with a line break cannot be a line of a text file")
            }
            bytes += field.utf8
            bytes.append(UTF8Text.lineFeed)
        }
        return bytes
    }

    private static func append(_ fields: [String], to bytes: inout [UInt8], _ delimiter: Character) {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(delimiter.asciiValue!) }
            let content = field.utf8
            // A lone empty field is quoted because it would be a blank line, one with another separator because it would
            // look like several; a byte order mark because at the beginning of a file it would be skipped.
            let needsQuotes =
                content.contains { $0 == delimiter.asciiValue! || "\"\r\n".utf8.contains($0) }
                || (fields.count == 1 && (content.isEmpty || content.contains { ",;|\t".utf8.contains($0) }))
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

extension FileColumn {
    /// The row as a field of a file without types: a text as it is, nothing for a null, anything else as JSON.
    func field(atRow row: Int) -> String {
        switch json(atRow: row) {
        case .string(let text): text
        case .null: ""
        case let value: Self.spelled(value)
        }
    }

    private static func spelled(_ value: JSONValue) -> String {
        guard case .array(let elements) = value else { return value.serialized(.compact) }
        return "[" + elements.map(spelled).joined(separator: ", ") + "]"
    }
}

extension FileValues {
    /// The values as formats of typed columns take them: what they have no type for is spelled.
    var storable: FileValues {
        switch content {
        case .texts, .integers, .reals, .booleans: return self
        case .fields(let texts): return FileValues(.texts(texts), nulls: nulls)
        case .decimals(let texts), .others(let texts, _): return FileValues(.texts(TextColumn(texts)), nulls: nulls)
        case .lists(let offsets, let elements): return FileValues(.lists(offsets: offsets, elements.storable), nulls: nulls)
        case .structures(let fields, let count) where !fields.isEmpty:
            return FileValues(.structures(fields.map { ($0.name, $0.values.storable) }, count: count), nulls: nulls)
        case .structures, .mixed:
            let texts = (0..<count).map { index -> String in
                if case .string(let text) = json(at: index) { return text }
                return json(at: index).serialized(.compact)
            }
            return FileValues(.texts(TextColumn(texts)), nulls: nulls)
        case .none(let count):
            return FileValues(.texts(TextColumn(repeatElement("", count: count))), nulls: Array(repeating: true, count: count))
        }
    }
}
