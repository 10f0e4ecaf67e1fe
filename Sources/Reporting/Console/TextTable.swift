import Requirements

/// A table in plain text: a header, rows, columns that line up; numbers stand with their decimal points below each other.
/// ```swift
/// var table = TextTable("loss", "accuracy")
/// table.addRow("CoSENT", "0.8123")
/// print(table)
/// ```
public struct TextTable: Sendable, CustomStringConvertible {
    /// How the lines are drawn.
    public enum Style: Sendable {
        /// Ruled with box-drawing characters.
        case box
        /// Two spaces between columns and ASCII dashes below the header.
        case plain
    }

    /// Which number of a column is the best.
    public enum Best: Sendable {
        /// The largest or the smallest number.
        case highest, lowest
    }

    /// A column of the table.
    public struct Column: Sendable {
        /// What stands above it.
        public var header: String
        /// Which number is shown in bold where colors are allowed.
        public var best: Best?

        /// A column by its header.
        public init(_ header: String, best: Best? = nil) {
            self.header = header
            self.best = best
        }
    }

    /// How the lines are drawn.
    public var style: Style
    /// The columns.
    public let columns: [Column]
    /// The cells, row by row.
    public private(set) var rows: [[String]] = []

    /// A table without rows.
    public init(columns: [Column], style: Style = .box) {
        self.columns = columns.map { Column($0.header.onOneLine, best: $0.best) }
        self.style = style
    }

    /// A table of plain columns, without rows.
    public init(_ headers: String..., style: Style = .box) {
        self.init(columns: headers.map { Column($0) }, style: style)
    }

    /// Adds a row; the cells that are missing at its end are empty.
    ///
    /// - Precondition: No more cells than columns.
    public mutating func addRow(_ cells: [String]) {
        require(
            cells.count <= columns.count,
            "TextTable: row \(rows.count) has \(cells.count) cells, the table has \(columns.count) columns")
        rows.append(cells.map(\.onOneLine) + Array(repeating: "", count: columns.count - cells.count))
    }

    /// Adds a row: one cell for each column.
    public mutating func addRow(_ cells: String...) {
        addRow(cells)
    }

    /// The table without colors.
    public var description: String { rendered(usesColor: false) }

    /// The table, lines joined by line breaks, none at the end.
    ///
    /// - Parameter usesColor: Whether escape codes may be written, which show the best numbers in bold.
    public func rendered(usesColor: Bool) -> String {
        let rendered = columns.indices.map { renderedColumn($0, usesColor: usesColor) }
        let headers = rendered.map(\.header)
        let lines = rows.indices.map { row in rendered.map { $0.cells[row] } }
        switch style {
        case .box:
            func rule(_ left: String, _ middle: String, _ right: String) -> String {
                let dashes = rendered.map { String(repeating: "─", count: $0.width + 2) }
                return left + dashes.joined(separator: middle) + right
            }
            func line(_ cells: [String]) -> String { "│ " + cells.joined(separator: " │ ") + " │" }
            let body = lines.isEmpty ? [] : [rule("├", "┼", "┤")] + lines.map(line)
            let all = [rule("┌", "┬", "┐"), line(headers)] + body + [rule("└", "┴", "┘")]
            return all.joined(separator: "\n")
        case .plain:
            let dashes = rendered.map { String(repeating: "-", count: $0.width) }
            return ([headers, dashes] + lines).map { cells in
                var line = cells.joined(separator: "  ")
                while line.last == " " { line.removeLast() }
                return line
            }.joined(separator: "\n")
        }
    }
}
