/// A table of typed columns in their roles, inputs and at most one label: what models are trained and evaluated on.
///
/// A file gives columns and their types. Roles come from the rule of the field (the first present of `labelNames` is
/// the label, every other column, and so any surplus one, is an input) or from the task, by `selecting(inputs:label:)`.
/// The order of the inputs is the order in which a loss takes them; their names are free.
public struct Dataset: Sendable {
    /// The names that mark a column as the label, in order of precedence.
    public static let labelNames = ["label", "labels", "score", "scores"]

    /// The inputs, at least one, in order.
    public let columns: [Column]
    /// The label column, which holds numbers: one a row, or lists of one shape.
    public let labels: Column?
    /// Where the rows were read from, for messages about them.
    let origin: Origin?

    /// Number of rows.
    public var rowCount: Int { columns[0].rowCount }

    /// The names of the inputs, in order.
    public var columnNames: [String] { columns.map(\.name) }

    /// The path of the file that the dataset was read from.
    public var source: String? { origin?.source }

    /// What quotation marks were taken for, where it was read from a file with fields.
    public var quoting: Quoting? { origin?.quoting }

    /// The inputs, then the label.
    var allColumns: [Column] { columns + (labels.map { [$0] } ?? []) }

    /// - Throws: `DatasetError` unless there is an input, all columns have one length, their names are unique, not empty
    ///   and without white space at either end, and the labels are numbers, one a row or lists of one shape.
    public init(columns: [Column], labels: Column?) throws {
        guard let first = columns.first else { throw DatasetError("a dataset needs at least one column beside the label, found none") }
        try Self.checkNames((columns + (labels.map { [$0] } ?? [])).map(\.name))
        for column in columns.dropFirst() + (labels.map { [$0] } ?? []) where column.rowCount != first.rowCount {
            throw DatasetError(
                "has \(column.rowCount) rows, but column \"\(first.name)\" has \(first.rowCount): "
                    + "all columns must have the same number", column: column.name)
        }
        try self.init(columns: columns, label: labels, origin: nil)
    }

    /// A dataset of texts: `try Dataset(["anchor": anchors, "positive": positives], labels: scores)`.
    ///
    /// - Throws: As `init(columns:labels:)` and `Column.init(name:values:)` do.
    public init(
        _ columns: KeyValuePairs<String, [String]>, labels: [Double]? = nil, labelName: String = "label"
    ) throws {
        try self.init(
            columns: columns.map { Column(name: $0.key, texts: $0.value) },
            labels: labels.map { try Column(name: labelName, values: $0) })
    }

    /// The same with labels that are lists: `Dataset.Column(values: teacher.values, rowShape: [384])`.
    ///
    /// - Throws: As `init(columns:labels:)` does.
    public init(_ columns: KeyValuePairs<String, [String]>, labels: Column) throws {
        try self.init(columns: columns.map { Column(name: $0.key, texts: $0.value) }, labels: labels)
    }

    /// A dataset of numbers: `try Dataset(["width": widths, "height": heights], labels: weights)`.
    ///
    /// - Throws: As `init(columns:labels:)` and `Column.init(name:values:)` do.
    public init(_ columns: KeyValuePairs<String, [Double]>, labels: [Double], labelName: String = "label") throws {
        try self.init(
            columns: columns.map { try Column(name: $0.key, values: $0.value) },
            labels: Column(name: labelName, values: labels))
    }

    /// For columns that have been checked already; the label becomes numbers.
    init(columns: [Column], label: Column?, origin: Origin?) throws {
        let table = Dataset(unchecked: columns, labels: nil, origin: origin)
        self.init(unchecked: columns, labels: try label.map { try table.numbers($0, as: "label") }, origin: origin)
    }

    /// For columns that have been checked already.
    package init(unchecked columns: [Column], labels: Column?, origin: Origin? = nil) {
        self.columns = columns
        self.labels = labels
        self.origin = origin
    }

    static func list(_ names: [String]) -> String {
        names.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// - Parameters:
    ///   - source: The file, for the message.
    ///   - row: The row of the file that holds the names, for the message.
    ///   - line: The same where rows are called lines.
    static func checkNames(
        _ names: [String], source: String? = nil, row: Int? = nil, line: Int? = nil
    ) throws {
        var firstIndices: [String: Int] = [:]
        for (index, name) in names.enumerated() {
            func refuse(_ problem: String, column: String? = nil) -> DatasetError {
                DatasetError(problem, source: source, row: row, line: line, column: column)
            }
            if name.isEmpty { throw refuse("column \(index + 1) has an empty name") }
            if name.utf8.contains(0) { throw refuse("the name of column \(index + 1) holds a NUL character") }
            if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
                throw refuse("the name of column \(index + 1) begins or ends with white space; remove it", column: name)
            }
            if let earlier = firstIndices.updateValue(index, forKey: name) {
                throw refuse("columns \(earlier + 1) and \(index + 1) have the same name; names must be unique", column: name)
            }
        }
    }
}

extension Dataset: Equatable {
    /// Equal columns in equal roles; where they were read from does not matter.
    public static func == (left: Dataset, right: Dataset) -> Bool {
        left.columns == right.columns && left.labels == right.labels
    }
}
