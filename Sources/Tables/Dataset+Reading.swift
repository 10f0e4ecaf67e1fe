import Foundation

extension Dataset {
    /// What becomes of a row without a value in one of the columns that are used.
    public enum NullPolicy: Sendable {
        /// An error names the first such row.
        case refuse
        /// Such rows are left out.
        case dropRows
    }

    /// Reads a file in the format that its extension tells: `.csv`, `.tsv` (tabs), `.jsonl` or `.ndjson`, `.json`, `.parquet`,
    /// `.arrow`, `.txt` (a sentence a line) or `.sqlite`; the texts among them also with `.gz` or `.zst` behind.
    ///
    /// A pattern such as `train-*.parquet` names several files, which are read one after another and have the same columns.
    ///
    /// - Parameters:
    ///   - url: The file, or the pattern.
    ///   - inputs: The names of the inputs in their order; `nil` is every column but the label.
    ///   - labelColumn: The name of the label column; `nil` is the first present of `label`, `labels`, `score` and
    ///     `scores`, if any, or none where `inputs` are given.
    ///   - nulls: What becomes of rows without a value in one of these columns.
    /// - Throws: `DatasetError` for any other extension, where files differ in their columns, for a column that holds neither
    ///   texts, numbers nor lists of either, and as `init(csv:)` and the others do.
    public init(
        contentsOf url: URL, inputs: [String]? = nil, labelColumn: String? = nil, nulls: NullPolicy = .refuse
    ) throws {
        try self.init(contentsOf: url, format: nil, inputs: inputs, labelColumn: labelColumn, nulls: nulls)
    }

    /// Reads several files as one dataset; their formats may differ, their columns not.
    ///
    /// - Throws: As `init(contentsOf:inputs:labelColumn:nulls:)`.
    public init(
        contentsOf urls: [URL], inputs: [String]? = nil, labelColumn: String? = nil, nulls: NullPolicy = .refuse
    ) throws {
        try self.init(Table(files: urls), inputs: inputs, label: labelColumn, nulls: nulls)
    }

    /// Reads delimited text as of RFC 4180: UTF-8, one header row, fields quoted where they hold a delimiter,
    /// a quote (doubled) or a line break. Texts are taken as they are: nothing is trimmed. A column whose fields all spell
    /// numbers, or lists as of JSON such as `"[0.1, 0.2]"`, holds these, and can be used as texts all the same.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - delimiter: One ASCII character other than a quote or a line break; inputs and label as for `init(contentsOf:)`.
    ///   - quoting: Whether quotation marks enclose fields; `quoting` says what was found.
    ///   - inputs: As for `init(contentsOf:inputs:labelColumn:nulls:)`.
    ///   - labelColumn: As there.
    /// - Throws: `DatasetError` with file, row and column if the file cannot be read, is not such text or has
    ///   no rows, if a row has more or fewer fields than the header, or if a label is not a finite number or a list of
    ///   them, or has another shape than the first.
    public init(
        csv url: URL, delimiter: Character = ",", quoting: Quoting = .automatic, inputs: [String]? = nil, labelColumn: String? = nil
    ) throws {
        try self.init(contentsOf: url, format: .delimited(delimiter, quoting), inputs: inputs, labelColumn: labelColumn)
    }

    /// Reads JSON Lines: UTF-8, one JSON object a line, each with the keys of the first. A value is a text, a number, a truth value
    /// (1 or 0), a list of either or a list of lists of numbers, and of one type in all lines.
    ///
    /// Roles are given as for `init(contentsOf:)`.
    ///
    /// - Throws: `DatasetError` with file, line and key if the file cannot be read, is not such text or has
    ///   no lines, if a line has more or other keys than the first, if a value has another type than those before, or if
    ///   a label is not a number or a list of numbers.
    public init(jsonLines url: URL, inputs: [String]? = nil, labelColumn: String? = nil, nulls: NullPolicy = .refuse) throws {
        try self.init(contentsOf: url, format: .jsonLines, inputs: inputs, labelColumn: labelColumn, nulls: nulls)
    }

    /// Reads a JSON file that is a list of objects, each with the keys of the first, or an object that holds one.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - field: The key that holds the list; nil: the file is the list, or has one list of objects.
    ///   - inputs: As for `init(contentsOf:inputs:labelColumn:nulls:)`.
    ///   - labelColumn: As there.
    ///   - nulls: As there.
    /// - Throws: As `init(jsonLines:)`, with the number of the object for a row.
    public init(
        json url: URL, field: String? = nil, inputs: [String]? = nil, labelColumn: String? = nil, nulls: NullPolicy = .refuse
    ) throws {
        try self.init(contentsOf: url, format: .json(field: field), inputs: inputs, labelColumn: labelColumn, nulls: nulls)
    }

    /// Reads what a SELECT gives from an SQLite database.
    ///
    /// - Parameters:
    ///   - query: The statement, such as `SELECT question, answer FROM pairs WHERE votes > 3`.
    ///   - url: The database.
    ///   - inputs: As for `init(contentsOf:inputs:labelColumn:nulls:)`.
    ///   - labelColumn: As there.
    ///   - nulls: As there.
    /// - Throws: `DatasetError` with SQLite's words if the database is damaged or the statement wrong; only statements that read are run.
    public init(
        sql query: String, database url: URL, inputs: [String]? = nil, labelColumn: String? = nil, nulls: NullPolicy = .refuse
    ) throws {
        try self.init(contentsOf: url, format: .sqlite(query: query), inputs: inputs, labelColumn: labelColumn, nulls: nulls)
    }

    private init(contentsOf url: URL, format: FileFormat?, inputs: [String]?, labelColumn: String?, nulls: NullPolicy = .refuse) throws {
        let table = try Table(contentsOf: url, format: format, columns: inputs.map { $0 + (labelColumn.map { [$0] } ?? []) })
        try self.init(table, inputs: inputs, label: labelColumn, nulls: nulls)
    }

    /// - Parameter source: What messages call the text.
    init(
        csvBytes bytes: [UInt8], source: String, delimiter: Character = ",", quoting: Quoting = .automatic,
        inputs: [String]? = nil, labelColumn: String? = nil
    ) throws {
        let table = try Table(csv: .bytes(bytes, source: source), delimiter: delimiter, quoting: quoting)
        try self.init(table, inputs: inputs, label: labelColumn)
    }

    /// - Parameter source: What messages call the text.
    init(jsonLinesBytes bytes: [UInt8], source: String, inputs: [String]? = nil, labelColumn: String? = nil) throws {
        try self.init(Table(jsonLines: JSONLines(.bytes(bytes, source: source))), inputs: inputs, label: labelColumn)
    }
}
