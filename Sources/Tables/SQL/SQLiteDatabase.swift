import CCodecs
import Foundation
import JSON

/// An SQLite database, through the system's library.
final class SQLiteDatabase {
    private let handle: OpaquePointer
    let source: String

    /// - Parameters:
    ///   - url: The file.
    ///   - creates: Whether a new file is made and written.
    /// - Throws: `DatasetError` if the file cannot be read.
    init(_ url: URL, creates: Bool = false) throws {
        source = url.path
        // What the system says of a file that is not there is clearer than what SQLite does.
        let size = creates ? 0 : try FileBytes(url).count
        var handle: OpaquePointer?
        let flags = creates ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY
        let status = sqlite3_open_v2(url.path, &handle, flags, nil)
        guard let handle, status == SQLITE_OK else {
            defer { sqlite3_close(handle) }
            throw DatasetError(
                "the database cannot be opened: \(handle.map { String(cString: sqlite3_errmsg($0)) } ?? "no memory")", source: url.path)
        }
        self.handle = handle
        guard !creates else { return }
        sqlite_distrust(handle)
        // No value is longer than what its file can hold; one million is for what a query makes.
        sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, Int32(clamping: max(1_000_000, size * 4)))
        try run("PRAGMA cell_size_check = ON")
    }

    deinit { sqlite3_close_v2(handle) }

    private func error(_ action: String) -> DatasetError {
        DatasetError("\(action): \(String(cString: sqlite3_errmsg(handle)))", source: source)
    }

    private func prepare(_ query: String) throws -> OpaquePointer {
        var statement: OpaquePointer?
        var rest = ""
        let status = query.withCString { text in
            var tail: UnsafePointer<CChar>?
            let status = sqlite3_prepare_v2(handle, text, -1, &statement, &tail)
            rest = tail.map { String(cString: $0) } ?? ""
            return status
        }
        guard status == SQLITE_OK else { throw error("the query cannot be run") }
        guard let statement else { throw DatasetError("the query is empty", source: source) }
        guard rest.allSatisfy({ $0.isWhitespace || $0 == ";" }) else {
            sqlite3_finalize(statement)
            throw DatasetError("there is more than one statement; give a single SELECT", source: source)
        }
        return statement
    }

    /// Runs a statement that gives no rows.
    func run(_ query: String) throws {
        let statement = try prepare(query)
        defer { sqlite3_finalize(statement) }
        var status = sqlite3_step(statement)
        while status == SQLITE_ROW { status = sqlite3_step(statement) }
        guard status == SQLITE_DONE else { throw error("the statement cannot be run") }
    }

    /// The names of the tables, without SQLite's own.
    func tables() throws -> [String] {
        let columns = try read(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
        guard case .texts(let names) = columns[0].values.content else { return [] }
        return Array(names)
    }

    static func quoted(_ name: String) -> String { "\"" + name.replacingOccurrences(of: "\"", with: "\"\"") + "\"" }

    /// All rows that a SELECT gives.
    ///
    /// - Throws: `DatasetError` if the query is wrong, or changes the database.
    func read(_ query: String) throws -> [FileColumn] {
        let statement = try prepare(query)
        defer { sqlite3_finalize(statement) }
        let count = sqlite3_column_count(statement)
        guard count > 0, sqlite3_stmt_readonly(statement) != 0 else {
            throw DatasetError("only statements that read can be run; give a SELECT", source: source)
        }
        var builders = (0..<count).map { JSONColumnBuilder(name: sqlite3_column_name(statement, $0).map { String(cString: $0) } ?? "") }
        var row = 0
        while true {
            let status = sqlite3_step(statement)
            if status == SQLITE_DONE { break }
            guard status == SQLITE_ROW else { throw error("row \(row + 1) cannot be read") }
            row += 1
            for index in 0..<count {
                switch sqlite3_column_type(statement, index) {
                case SQLITE_INTEGER: builders[Int(index)].append(.integer(Int(sqlite3_column_int64(statement, index))))
                case SQLITE_FLOAT:
                    let value = sqlite3_column_double(statement, index)
                    builders[Int(index)].append(value.isFinite ? .real(value) : .null)
                case SQLITE_TEXT:
                    let start = sqlite3_column_text(statement, index)
                    let bytes = UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, index)))
                    guard let text = String(validating: bytes, as: UTF8.self) else {
                        throw DatasetError("a text is not UTF-8", source: source, row: row, column: builders[Int(index)].name)
                    }
                    builders[Int(index)].append(.string(text))
                case SQLITE_BLOB:
                    let bytes = UnsafeRawBufferPointer(
                        start: sqlite3_column_blob(statement, index), count: Int(sqlite3_column_bytes(statement, index)))
                    builders[Int(index)].append(
                        Spelling.base64(Array(bytes)), unusable: "a value must be a text or a number, found bytes (a blob)")
                default: builders[Int(index)].append(.null)
                }
            }
        }
        return builders.map(\.column)
    }

    /// Makes a table and fills it.
    func write(_ columns: [FileColumn], table: String) throws {
        let definitions = columns.map { "\(Self.quoted($0.name)) \(Self.type($0.values))" }
        try run("CREATE TABLE \(Self.quoted(table)) (\(definitions.joined(separator: ", ")))")
        try run("BEGIN")
        let statement = try prepare("INSERT INTO \(Self.quoted(table)) VALUES (\(columns.map { _ in "?" }.joined(separator: ", ")))")
        defer { sqlite3_finalize(statement) }
        for row in 0..<(columns.first?.rowCount ?? 0) {
            for (index, column) in columns.enumerated() {
                let place = Int32(index + 1)
                let text: String
                switch column.json(atRow: row) {
                case .null:
                    sqlite3_bind_null(statement, place)
                    continue
                case .bool(let truth):
                    sqlite3_bind_int64(statement, place, truth ? 1 : 0)
                    continue
                case .integer(let value):
                    sqlite3_bind_int64(statement, place, Int64(value))
                    continue
                case .number(let value):
                    if case .reals = column.values.content {
                        sqlite3_bind_double(statement, place, value.doubleValue)
                        continue
                    }
                    text = value.literal
                case .string(let value): text = value
                case let other: text = other.serialized(.compact)
                }
                // Its pointer is never null, which would be no text.
                let status = text.withCString { sqlite_bind_text(statement, place, $0, Int32(clamping: text.utf8.count)) }
                guard status == SQLITE_OK else { throw error("row \(row + 1) cannot be written") }
            }
            guard sqlite3_step(statement) == SQLITE_DONE, sqlite3_reset(statement) == SQLITE_OK else {
                throw error("row \(row + 1) cannot be written")
            }
        }
        try run("COMMIT")
    }

    private static func type(_ values: FileValues) -> String {
        switch values.content {
        case .integers, .booleans: "INTEGER"
        case .reals: "REAL"
        default: "TEXT"
        }
    }
}
