import Foundation
import Tapestry

/// What an experiment found, row by row: printed as a table, written as JSON.
/// ```swift
/// var results = ResultsTable("loss", "batch size", "accuracy")
/// results.add("CoSENTLoss", 32, 0.8123)
/// print(results)
/// ```
public struct ResultsTable: Sendable, CustomStringConvertible {
    public let columns: [String]
    private var rows: [[any ResultValue]] = []

    public init(_ columns: String...) { self.init(columns) }

    public init(_ columns: [String]) { self.columns = columns }

    /// - Precondition: One value a column.
    public mutating func add(_ values: any ResultValue...) { add(values) }

    public mutating func add(_ values: [any ResultValue]) {
        precondition(values.count == columns.count, "ResultsTable: \(values.count) values for \(columns.count) columns")
        rows.append(values)
    }

    public var description: String {
        var table = TextTable(columns: columns.map { TextTable.Column($0) })
        let places = columns.indices.map { column in decimalPlaces(rows.map { $0[column] }) }
        for row in rows { table.addRow(zip(row, places).map { $0.cell(decimalPlaces: $1) }) }
        return table.description
    }

    /// Four for a column of numbers below 10, one where any is above.
    private func decimalPlaces(_ column: [any ResultValue]) -> Int {
        column.contains { ($0 as? Double)?.magnitude ?? 0 >= 10 } ? 1 : 4
    }

    /// Writes `results.json` (facts about the run and the rows) and `plot.svg` into a folder.
    ///
    /// - Throws: The system's error, or ``ModelFileError``, when a file cannot be written.
    public func write(to folder: String, plot: LineChart, facts: [(key: String, value: JSONValue)]) throws {
        let folder = URL(fileURLWithPath: folder, isDirectory: true)
        var object = JSONObject()
        for (key, value) in facts { object[key] = value }
        object["rows"] = .array(
            rows.map { row in
                var object = JSONObject()
                for (column, value) in zip(columns, row) { object[column] = value.json }
                return .object(object)
            })
        try JSONFile.write(
            .object(object), to: folder.appendingPathComponent("results.json"),
            style: JSONStyle(indentation: 2, sortsKeys: false))
        try Data(plot.svg().utf8).write(to: folder.appendingPathComponent("plot.svg"), options: .atomic)
    }
}

/// What can stand in a table of results.
public protocol ResultValue: Sendable {
    func cell(decimalPlaces: Int) -> String
    var json: JSONValue { get }
}

extension String: ResultValue {
    public func cell(decimalPlaces: Int) -> String { self }
    public var json: JSONValue { .string(self) }
}

extension Int: ResultValue {
    public func cell(decimalPlaces: Int) -> String { NumberFormat.grouped(self) }
    public var json: JSONValue { .integer(self) }
}

extension Double: ResultValue {
    public func cell(decimalPlaces: Int) -> String { NumberFormat.fixed(self, places: decimalPlaces) }
    public var json: JSONValue { isFinite ? .real(self) : .string("\(self)") }
}
