import Foundation

extension Dataset {
    /// Writes the inputs, then the label, in the format that the file's extension tells, as `init(contentsOf:)` knows them.
    ///
    /// The file appears whole or not at all; one that was there is replaced. Labels under another than the
    /// conventional names are read back as labels only if the reader is told their name. CSV has lists as JSON, SQLite has them
    /// as texts; a text file takes a single column.
    ///
    /// - Throws: `DatasetError` for an unknown extension, if there are no rows, if an input's name would be taken for the label's,
    ///   if a text holds a NUL character, or if the file cannot be written.
    public func write(to url: URL) throws {
        try checkWritable()
        try Table(self).write(to: url)
    }

    /// Writes CSV that `init(csv:)` reads back to an equal dataset; else as `write(to:)`.
    ///
    /// - Throws: As `write(to:)` does.
    public func writeCSV(to url: URL) throws { try Self.write(csvBytes(), to: url) }

    /// Writes JSON Lines, which keep the types; else as `write(to:)`.
    ///
    /// - Throws: As `write(to:)` does.
    public func writeJSONLines(to url: URL) throws { try Self.write(jsonLinesBytes(), to: url) }

    func csvBytes() throws -> [UInt8] {
        try checkWritable()
        return Table(self).csvBytes()
    }

    func jsonLinesBytes() throws -> [UInt8] {
        try checkWritable()
        return Table(self).jsonLinesBytes
    }

    private static func write(_ bytes: [UInt8], to url: URL) throws { try FileWriter.write(to: url) { try $0.append(bytes) } }

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
                    ? column.texts.withUTF8(row) { $0.contains(0) }
                    : column.kind == .textLists && column.textLists[row].contains { $0.utf8.contains(0) }
            }
            if let row = (0..<rowCount).first(where: holdsNUL) {
                throw error(atRow: row, column: column.name, "a text with a NUL character cannot be written")
            }
        }
    }
}
