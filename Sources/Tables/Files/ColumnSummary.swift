import JSON

/// What can be said of a column at a glance.
package struct ColumnSummary {
    package let name: String, type: String
    package let nullCount: Int
    /// Number of different values; nulls are none.
    package let distinctCount: Int
    /// Least and greatest number, fewest and most characters, or shortest and longest list; nil where there is no value.
    package let range: (least: Double, greatest: Double, mean: Double)?
    /// What the range counts.
    package let unit: String
    /// A value, on one line and cut if it is long.
    package let example: String

    package init(_ column: FileColumn) {
        name = column.name
        type = column.type == "text" ? column.values.typeName : column.type
        nullCount = column.nullCount
        let rows = (0..<column.rowCount).filter { !column.values.isNull($0) }
        let sizes: [Double]
        switch column.values.content {
        case .texts(let texts), .fields(let texts):
            unit = "characters"
            // Every character has one byte that does not continue another.
            sizes = rows.map { texts.withUTF8($0) { Double($0.count { $0 & 0xC0 != 0x80 }) } }
            distinctCount = Set(rows.lazy.map(texts.digest)).count
        case .others(let texts, _), .decimals(let texts):
            unit = "characters"
            sizes = rows.map { Double(texts[$0].unicodeScalars.count) }
            distinctCount = Set(rows.lazy.map { texts[$0] }).count
        case .integers(let integers):
            unit = "value"
            sizes = rows.map { Double(integers[$0]) }
            distinctCount = Set(rows.lazy.map { integers[$0] }).count
        case .reals(let reals):
            unit = "value"
            sizes = rows.map { reals[$0] }.filter(\.isFinite)
            distinctCount = Set(rows.lazy.map { reals[$0] }).count
        case .booleans(let truths):
            unit = "value"
            sizes = rows.map { truths[$0] ? 1 : 0 }
            distinctCount = Set(rows.lazy.map { truths[$0] }).count
        case .lists(let offsets, _):
            unit = "elements"
            sizes = rows.map { Double(offsets[$0 + 1] - offsets[$0]) }
            distinctCount = Self.spelled(column, rows)
        case .structures, .mixed, .none:
            unit = ""
            sizes = []
            distinctCount = Self.spelled(column, rows)
        }
        range = sizes.isEmpty ? nil : (sizes.min()!, sizes.max()!, sizes.reduce(0, +) / Double(sizes.count))
        example =
            rows.first.map { row in
                let value = column.json(atRow: row)
                let text = if case .string(let text) = value { text } else { value.serialized(.compact) }
                let line = text.replacing(/\s+/, with: " ")
                return line.count > 40 ? line.prefix(39) + "…" : line
            } ?? ""
    }

    private static func spelled(_ column: FileColumn, _ rows: [Int]) -> Int {
        Set(rows.lazy.map { column.json(atRow: $0).serialized(.compact) }).count
    }
}

extension Table {
    /// Number of rows that are equal to an earlier one in all columns.
    package var duplicateCount: Int {
        var seen: Set<Int> = []
        return (0..<rowCount).count { row in
            var hasher = Hasher()
            for column in columns { column.hash(row, into: &hasher) }
            return !seen.insert(hasher.finalize()).inserted
        }
    }
}
