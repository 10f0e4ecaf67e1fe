/// A table of text columns and at most one label column: what models are trained and evaluated on.
///
/// The order of the text columns is the order in which a loss takes them as inputs; their names are free. A
/// column named `label`, `labels`, `score` or `scores` (the first present, in this precedence) is the label.
/// Every other column, and so any surplus one, is an input: leave out what the loss does not take with
/// `removing(columns:)`.
public struct Dataset: Sendable {
    /// One text a row.
    public struct Column: Sendable, Equatable {
        public let name: String
        public let texts: [String]

        public init(name: String, texts: [String]) {
            self.name = name
            self.texts = texts
        }

        /// Texts are equal when their bytes are: a tokenizer sees the difference between two spellings of
        /// "é".
        public static func == (left: Column, right: Column) -> Bool {
            left.name == right.name
                && left.texts.elementsEqual(right.texts) { $0.utf8.elementsEqual($1.utf8) }
        }
    }

    /// The text columns, at least one, in the order of the inputs.
    public let columns: [Column]
    public let labels: Labels?
    /// Where the rows were read from, for messages about them.
    let origin: Origin?

    public var rowCount: Int { columns[0].texts.count }

    /// The names of the text columns, in order.
    public var columnNames: [String] { columns.map(\.name) }

    /// The path of the file that the dataset was read from.
    public var source: String? { origin?.source }

    /// - Throws: `DatasetError` unless there is a text column, all columns have one length, and their names
    ///   (the label's among them) are unique, not empty and without white space at either end.
    public init(columns: [Column], labels: Labels?) throws {
        guard let first = columns.first else {
            throw DatasetError("a dataset needs at least one text column, found none")
        }
        try Self.checkNames(columns.map(\.name) + (labels.map { [$0.name] } ?? []))
        let lengths = columns.map { ($0.name, $0.texts.count) }
            + (labels.map { [($0.name, $0.rowCount)] } ?? [])
        for (name, count) in lengths where count != first.texts.count {
            throw DatasetError(
                "has \(count) rows, but column \"\(first.name)\" has \(first.texts.count): "
                    + "all columns must have the same number", column: name)
        }
        self.init(unchecked: columns, labels: labels, origin: nil)
    }

    /// A dataset from literals: `try Dataset(["anchor": anchors, "positive": positives], labels: scores)`.
    ///
    /// - Throws: As `init(columns:labels:)` and `Labels.init` do.
    public init(
        _ columns: KeyValuePairs<String, [String]>, labels: [Double]? = nil, labelName: String = "label"
    ) throws {
        try self.init(
            columns: columns.map { Column(name: $0.key, texts: $0.value) },
            labels: labels.map { try Labels(name: labelName, values: $0) })
    }

    /// The same with labels that are lists: `Labels(values: teacher.values, rowShape: [384])`.
    ///
    /// - Throws: As `init(columns:labels:)` does.
    public init(_ columns: KeyValuePairs<String, [String]>, labels: Labels) throws {
        try self.init(columns: columns.map { Column(name: $0.key, texts: $0.value) }, labels: labels)
    }

    /// For columns that have been checked already.
    package init(unchecked columns: [Column], labels: Labels?, origin: Origin? = nil) {
        self.columns = columns
        self.labels = labels
        self.origin = origin
    }

    /// - Throws: `DatasetError` that lists the available names if no text column has this one.
    public func column(named name: String) throws -> [String] {
        guard let column = columns.first(where: { $0.name == name }) else {
            let hint = labels?.name == name ? "it is the label column" : "there is no such text column"
            throw DatasetError(
                hint + "; the text columns are " + Self.list(columnNames), source: source, column: name)
        }
        return column.texts
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
            if name.isEmpty {
                throw DatasetError("column \(index + 1) has an empty name", source: source, row: row, line: line)
            }
            if name.first?.isWhitespace == true || name.last?.isWhitespace == true {
                throw DatasetError(
                    "the name of column \(index + 1) begins or ends with white space; remove it",
                    source: source, row: row, line: line, column: name)
            }
            if let earlier = firstIndices.updateValue(index, forKey: name) {
                throw DatasetError(
                    "columns \(earlier + 1) and \(index + 1) have the same name; names must be unique",
                    source: source, row: row, line: line, column: name)
            }
        }
    }
}

extension Dataset: Equatable {
    /// Equal texts (byte by byte) and labels; where they were read from does not matter.
    public static func == (left: Dataset, right: Dataset) -> Bool {
        left.columns == right.columns && left.labels == right.labels
    }
}
