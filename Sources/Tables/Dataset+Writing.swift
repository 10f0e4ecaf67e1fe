import Foundation

extension Dataset {
    /// Writes the text columns, then the labels, as CSV that `init(csv:)` reads back to an equal dataset.
    ///
    /// The file appears whole or not at all; one that was there is replaced. Labels under another than the
    /// conventional names are read back as labels only if `init(csv:)` is told their name. Lists are written as JSON.
    ///
    /// - Throws: `DatasetError` if there are no rows, if a text column's name would be taken for the label's,
    ///   if a text holds a NUL character, or if the file cannot be written.
    public func writeCSV(to url: URL) throws {
        let bytes = try csvBytes()
        do {
            try Data(bytes).write(to: url, options: .atomic)
        } catch {
            throw DatasetError("the file cannot be written: \(error.systemReason)", source: url.path)
        }
    }

    func csvBytes() throws -> [UInt8] {
        guard rowCount > 0 else {
            throw DatasetError("there are no rows to write; a file with a header alone could not be read back")
        }
        let names = columnNames + (labels.map { [$0.name] } ?? [])
        if let index = Labels.index(in: names), index < columns.count {
            throw DatasetError(
                "this text column would be read back as the labels; give it another name", column: names[index])
        }
        var bytes: [UInt8] = []
        try appendRecord(names, to: &bytes, row: nil)
        for row in 0..<rowCount {
            var fields = columns.map { $0.texts[row] }
            if let labels {
                let values = labels.values[row * labels.width..<(row + 1) * labels.width]
                fields.append(LabelText.text(of: values, shape: labels.rowShape, areIntegers: labels.areIntegers))
            }
            try appendRecord(fields, to: &bytes, row: row)
        }
        return bytes
    }

    /// - Parameter row: The row of the dataset, for messages; `nil` for the header.
    private func appendRecord(_ fields: [String], to bytes: inout [UInt8], row: Int?) throws {
        for (index, field) in fields.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            let content = field.utf8
            guard !content.contains(0) else {
                let problem = "a text with a NUL character cannot be written"
                throw row.map { error(atRow: $0, column: columns[index].name, problem) }
                    ?? DatasetError("a name with a NUL character cannot be written", column: field)
            }
            // A lone empty field is quoted because it would be a blank line; a byte order mark because at the
            // beginning of a file it would be skipped.
            let needsQuotes = content.contains { ",\"\r\n".utf8.contains($0) }
                || (content.isEmpty && fields.count == 1)
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
