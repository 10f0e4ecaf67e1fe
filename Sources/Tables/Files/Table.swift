import Foundation
import JSON

/// What a file holds, before its columns are given roles: with nulls, and with columns that no dataset has a place for.
package struct Table: Sendable {
    package private(set) var columns: [FileColumn]
    let origin: Dataset.Origin

    /// Number of rows.
    package var rowCount: Int { columns.first?.rowCount ?? 0 }

    /// What quotation marks are, in a file of fields.
    package var quoting: Dataset.Quoting? { origin.quoting }

    init(columns: [FileColumn], origin: Dataset.Origin) throws {
        var seen: Set<String> = []
        if let again = columns.first(where: { !seen.insert($0.name).inserted }) {
            throw DatasetError("two columns have this name; names must be unique", source: origin.source, column: again.name)
        }
        (self.columns, self.origin) = (columns, origin)
    }

    /// The columns of a dataset: the inputs, then the label.
    package init(_ dataset: Dataset) {
        columns = dataset.allColumns.map { column in
            let values = FileValues(column)
            return FileColumn(name: column.name, type: values.typeName, values: values)
        }
        origin = dataset.origin ?? .init(source: "the dataset", count: dataset.rowCount)
    }

    // MARK: Reading

    /// Reads a file, or all files that a pattern such as `train-*.parquet` names, one after another.
    ///
    /// - Parameters:
    ///   - url: The file; `*` and `?` in its name make it a pattern where no file has just this name.
    ///   - format: nil: as the name tells.
    ///   - names: The columns that are wanted; nil: all. A format that can leaves out the others.
    /// - Throws: `DatasetError` if a file cannot be read, or if columns differ between files.
    package init(contentsOf url: URL, format: FileFormat? = nil, columns names: [String]? = nil) throws {
        try self.init(files: Self.files(matching: url), format: format, columns: names)
    }

    /// Reads files whose columns agree.
    package init(files: [URL], format: FileFormat? = nil, columns names: [String]? = nil) throws {
        guard let first = files.first else { throw DatasetError("there is no file to read") }
        let tables = try files.map { try Table(file: $0, format: format ?? FileFormat(of: $0), columns: names) }
        guard tables.count > 1 else {
            self = tables[0]
            return
        }
        let all = tables[0].columns.map(\.name)
        for (table, file) in zip(tables, files).dropFirst() {
            let others = table.columns.map(\.name)
            guard Set(all) == Set(others) else {
                throw DatasetError(
                    "the columns are \(Dataset.list(others)), but those of \(first.path) are \(Dataset.list(all)); "
                        + "files of one dataset have the same", source: file.path)
            }
        }
        let columns = try all.map { name in
            let parts = tables.map { table in table.columns.first { $0.name == name }! }
            guard let values = FileValues.joined(parts.map(\.values)) else {
                let other = parts.indices.first { FileValues.joined([parts[0].values, parts[$0].values]) == nil } ?? 1
                throw DatasetError(
                    "the column holds values of type \(parts[other].type), but in \(first.path) of type \(parts[0].type); "
                        + "files of one dataset have the same", source: files[other].path, column: name)
            }
            return FileColumn(name: name, type: parts[0].type, values: values)
        }
        try self.init(columns: columns, origin: Dataset.Origin(parts: tables.flatMap(\.origin.parts)))
    }

    /// The files that a name stands for, in the order of their names.
    package static func files(matching url: URL) throws -> [URL] {
        let pattern = url.lastPathComponent
        guard pattern.contains(where: { $0 == "*" || $0 == "?" }), !FileManager.default.fileExists(atPath: url.path) else { return [url] }
        let folder = url.deletingLastPathComponent()
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
        } catch {
            throw DatasetError("the folder cannot be read: \(error.systemReason)", source: folder.path)
        }
        let found = names.filter { matches($0.utf8[...], pattern.utf8[...]) && !$0.hasPrefix(".") }.sorted()
        guard !found.isEmpty else { throw DatasetError("no file has a name like this", source: url.path) }
        return found.map(folder.appendingPathComponent)
    }

    /// Whether a name is one of a pattern's, in which `*` stands for any characters and `?` for one byte.
    private static func matches(_ name: Substring.UTF8View, _ pattern: Substring.UTF8View) -> Bool {
        let name = Array(name), pattern = Array(pattern)
        // Where the last star stood, and how much it has taken so far.
        var (i, j, star, taken) = (0, 0, -1, 0)
        while i < name.count {
            if j < pattern.count, pattern[j] == UInt8(ascii: "*") {
                (star, taken) = (j, i)
                j += 1
            } else if j < pattern.count, pattern[j] == UInt8(ascii: "?") || pattern[j] == name[i] {
                (i, j) = (i + 1, j + 1)
            } else if star >= 0 {
                taken += 1
                (i, j) = (taken, star + 1)
            } else {
                return false
            }
        }
        return pattern[j...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private init(file url: URL, format: FileFormat, columns names: [String]?) throws {
        switch format {
        case .delimited(let delimiter, let quoting):
            try self.init(csv: TextSource(url), delimiter: delimiter, quoting: quoting)
        case .jsonLines: try self.init(jsonLines: JSONLines(contentsOf: url))
        case .json(let field): try self.init(jsonBytes: TextWindow.all(of: TextSource(url)), source: url.path, field: field)
        case .text: try self.init(text: TextSource(url))
        case .parquet: try self.init(reading: url, names) { try ParquetFile($0).read($1) }
        case .arrow: try self.init(reading: url, names) { try ArrowFile($0).read($1) }
        case .sqlite(let query): try self.init(database: url, query: query)
        }
    }

    private init(reading url: URL, _ names: [String]?, _ read: (FileBytes, [String]?) throws -> [FileColumn]) throws {
        let columns: [FileColumn]
        do {
            columns = try read(FileBytes(url), names)
        } catch let error as Malformed {
            throw DatasetError(error.problem, source: url.path)
        }
        try self.init(columns: columns, origin: .init(source: url.path, count: columns.first?.rowCount ?? 0))
    }

    init(jsonLines: JSONLines) throws {
        var lines = jsonLines
        var columns = ObjectColumns(source: lines.source, rowsAreLines: true)
        while let object = try lines.nextObject() { try columns.append(object) }
        guard lines.line > 0 else {
            throw DatasetError("the file is empty; it needs at least one JSON object on a line", source: lines.source)
        }
        try self.init(columns: columns.columns, origin: .init(source: lines.source, count: lines.line, rowsAreLines: true))
    }

    init(jsonBytes bytes: [UInt8], source: String, field: String?) throws {
        var columns = ObjectColumns(source: source, rowsAreLines: false)
        var file = JSONArrayFile(bytes, source: source), count = 0
        try file.forEach(field: field) {
            count += 1
            try columns.append($0)
        }
        guard count > 0 else { throw DatasetError("the list is empty; it needs at least one object", source: source) }
        try self.init(columns: columns.columns, origin: .init(source: source, count: count))
    }

    /// A line a row; lines end with LF or CR LF, and the last needs no end.
    init(text: TextSource) throws {
        var lines = try LineReader(text), texts = TextBuilder()
        while let range = try lines.next() {
            let range = lines.withoutReturn(range)
            guard lines.bytes.isUTF8(range) else { throw DatasetError(lines.problem(range), source: text.name, line: lines.line) }
            texts.append(lines.bytes, range)
        }
        try self.init(
            columns: [FileColumn(name: "text", type: "string", values: FileValues(.texts(texts.column)))],
            origin: .init(source: text.name, count: texts.count, rowsAreLines: true))
    }

    private init(database url: URL, query: String?) throws {
        let database = try SQLiteDatabase(url)
        let select: String
        if let query {
            select = query
        } else {
            let tables = try database.tables()
            guard tables.count == 1 else {
                throw DatasetError(
                    tables.isEmpty
                        ? "the database has no table"
                        : "the database has the tables \(Dataset.list(tables)); say by a SELECT which rows are meant", source: url.path)
            }
            select = "SELECT * FROM " + SQLiteDatabase.quoted(tables[0])
        }
        let columns = try database.read(select)
        try self.init(columns: columns, origin: .init(source: url.path, count: columns[0].rowCount))
    }

    // MARK: Rows

    /// The same with types for the columns of a file that has none: those whose fields all spell numbers, or lists, hold these.
    package var typed: Table {
        var table = self
        for (index, column) in columns.enumerated() {
            guard case .fields(let fields) = column.values.content else { continue }
            let typed = ColumnBuilder.column(name: column.name, fields: fields)
            let values = typed.kind == .texts ? FileValues(.texts(fields)) : FileValues(typed)
            table.columns[index] = FileColumn(name: column.name, type: values.typeName, values: values)
        }
        return table
    }

    /// The row as a JSON object of all columns.
    package func object(atRow row: Int) -> JSONObject {
        JSONObject(members: columns.map { ($0.name, $0.json(atRow: row)) })
    }

    /// The given rows in the given order.
    package func selecting(rows: [Int]) -> Table {
        var table = self
        table.columns = columns.map { FileColumn(name: $0.name, type: $0.type, values: $0.values.selecting(rows)) }
        return Table(table.columns, origin.selecting(rows: rows))
    }

    private init(_ columns: [FileColumn], _ origin: Dataset.Origin) { (self.columns, self.origin) = (columns, origin) }

    /// The columns of texts, without nulls.
    package var texts: [(name: String, texts: TextColumn)] {
        columns.compactMap { column in
            guard case .texts(let texts) = column.values.content else { return nil }
            return (column.name, column.values.nulls.map { nulls in texts.selecting(texts.indices.filter { !nulls[$0] }) } ?? texts)
        }
    }

    /// Without the rows in which one of the columns has no value; nil: any column.
    package func droppingNulls(in names: [String]? = nil) -> Table {
        let looked = columns.filter { (names?.contains($0.name) ?? true) && $0.nullCount > 0 }
        guard !looked.isEmpty else { return self }
        return selecting(rows: (0..<rowCount).filter { row in !looked.contains { $0.values.isNull(row) } })
    }
}
