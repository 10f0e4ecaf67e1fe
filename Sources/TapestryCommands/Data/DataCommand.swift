import ArgumentParser
import Foundation
import Tapestry

struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data",
        abstract: "Shows what a file of data holds, prints its rows, and converts it.",
        discussion: """
            Files: CSV, TSV, JSON, JSON Lines, Parquet, Arrow, SQLite, and text (a sentence a line); texts also as .gz or .zst. \
            A pattern in quotes names several files whose columns agree.

            Examples:
              \(program) data train.parquet
              \(program) data "train-*.parquet" --model models/minilm
              \(program) data train.csv --rows --json
              \(program) data answers.json --field data --rows --limit 5
              \(program) data forum.sqlite --sql "select title, body from posts where score > 3"
              \(program) data train.csv --convert train.parquet

            The formats of --convert are those of the files, by the name's extension.
            """)

    @Argument(help: "A file, or a pattern in quotes.") var file: String
    @Option(help: ArgumentHelp("The rows of a database: a SELECT.", valueName: "select")) var sql: String?
    @Option(help: ArgumentHelp("The key of a JSON file that holds the rows.", valueName: "key")) var field: String?
    @Option(name: .customLong("model"), help: "Model directory whose tokenizer counts the lengths of texts.") var modelPath: String?
    @Option(help: ArgumentHelp("A file to write the rows to.", valueName: "file")) var convert: String?
    @Flag(help: "Prints the rows.") var rows = false
    @Flag(help: "Prints JSON; a null stands where there is no value.") var json = false
    @Option(help: ArgumentHelp("So many rows from the first on.", valueName: "count")) var limit: Int?
    @Flag(help: "Leaves out the rows without a value in some column.") var dropNulls = false

    func validate() throws {
        if sql != nil && field != nil { throw ValidationError("give --sql or --field, not both") }
        if let limit, limit < 1 { throw ValidationError("--limit must be 1 or more") }
        if convert != nil && (rows || json || modelPath != nil) {
            throw ValidationError("--convert goes without --rows, --json and --model")
        }
        if rows && modelPath != nil { throw ValidationError("--model goes without --rows") }
    }

    func run() throws {
        if let convert { _ = try FileFormat(of: URL(fileURLWithPath: convert)) }
        var table = try Table(contentsOf: URL(fileURLWithPath: file), format: format()).typed
        if dropNulls { table = table.droppingNulls() }
        if let limit, limit < table.rowCount { table = table.selecting(rows: Array(0..<limit)) }
        if let convert {
            try table.write(to: URL(fileURLWithPath: convert))
            print("\(convert): \(NumberFormat.grouped(table.rowCount)) rows of \(table.columns.map(\.name).joined(separator: ", "))")
        } else if rows {
            printRows(table)
        } else {
            let report = try DataReport(table, model: modelPath.map { try SentenceTransformer($0) })
            print(json ? report.json.serialized(JSONStyle(indentation: 2, sortsKeys: false)) : report.description)
        }
    }

    private func format() throws -> FileFormat? {
        if let sql { return .sqlite(query: sql) }
        guard let field else { return nil }
        guard case .json = try FileFormat(of: URL(fileURLWithPath: file)) else { throw UsageError("--field goes with a JSON file") }
        return .json(field: field)
    }

    /// Row by row, since there may be many.
    private func printRows(_ table: Table) {
        if json {
            print("[", terminator: "")
            for row in 0..<table.rowCount {
                print(row == 0 ? "" : ",")
                print(JSONValue.object(table.object(atRow: row)).serialized(.compact), terminator: "")
            }
            print("\n]")
            return
        }
        var text = TextTable(columns: table.columns.map { TextTable.Column($0.name) })
        for row in 0..<table.rowCount {
            text.addRow(
                table.columns.map { column in
                    if case .string(let text) = column.json(atRow: row) {
                        text.count > 60 ? text.prefix(59) + "…" : text
                    } else {
                        column.json(atRow: row).serialized(.compact)
                    }
                })
        }
        print(text)
    }
}
