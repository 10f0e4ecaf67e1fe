import Foundation

extension Dataset {
    /// The file name extensions that `init(contentsOf:)` reads.
    static let supportedExtensions = ["csv", "tsv", "jsonl", "ndjson"]

    /// Reads a file in the format that its extension tells: `.csv`, `.tsv` (tabs), `.jsonl` or `.ndjson`.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - inputs: The names of the inputs in their order; `nil` is every column but the label.
    ///   - labelColumn: The name of the label column; `nil` is the first present of `label`, `labels`, `score` and
    ///     `scores`, if any, or none where `inputs` are given.
    /// - Throws: `DatasetError` for any other extension, and as `init(csv:)` and `init(jsonLines:)` do.
    public init(contentsOf url: URL, inputs: [String]? = nil, labelColumn: String? = nil) throws {
        switch url.pathExtension.lowercased() {
        case "csv": try self.init(csv: url, inputs: inputs, labelColumn: labelColumn)
        case "tsv": try self.init(csv: url, delimiter: "\t", inputs: inputs, labelColumn: labelColumn)
        case "jsonl", "ndjson": try self.init(jsonLines: url, inputs: inputs, labelColumn: labelColumn)
        case let other:
            throw DatasetError(
                "files of type \"\(other)\" cannot be read; the types are "
                    + Self.supportedExtensions.map { "." + $0 }.joined(separator: ", "), source: url.path)
        }
    }

    /// Reads delimited text as of RFC 4180: UTF-8, one header row, fields quoted where they hold a delimiter,
    /// a quote (doubled) or a line break. Texts are taken as they are: nothing is trimmed. A column whose fields all spell
    /// numbers, or lists as of JSON such as `"[0.1, 0.2]"`, holds these, and can be used as texts all the same.
    ///
    /// - Parameters:
    ///   - url: The file.
    ///   - delimiter: One ASCII character other than a quote or a line break; inputs and label as for `init(contentsOf:)`.
    ///   - quoting: Whether quotation marks enclose fields; `quoting` says what was found.
    ///   - inputs: As for `init(contentsOf:inputs:labelColumn:)`.
    ///   - labelColumn: As there.
    /// - Throws: `DatasetError` with file, row and column if the file cannot be read, is not such text or has
    ///   no rows, if a row has more or fewer fields than the header, or if a label is not a finite number or a list of
    ///   them, or has another shape than the first.
    public init(
        csv url: URL, delimiter: Character = ",", quoting: Quoting = .automatic, inputs: [String]? = nil, labelColumn: String? = nil
    ) throws {
        try self.init(
            csvBytes: try Self.bytes(of: url), source: url.path, delimiter: delimiter, quoting: quoting, inputs: inputs,
            labelColumn: labelColumn)
    }

    /// Reads JSON Lines: UTF-8, one JSON object a line, each with the keys of the first. A value is a text, a number, a list
    /// of either or a list of lists of numbers, and of one type in all lines.
    ///
    /// Roles are given as for `init(contentsOf:)`.
    ///
    /// - Throws: `DatasetError` with file, line and key if the file cannot be read, is not such text or has
    ///   no lines, if a line has more or other keys than the first, if a value has another type than those before, or if
    ///   a label is not a number or a list of numbers.
    public init(jsonLines url: URL, inputs: [String]? = nil, labelColumn: String? = nil) throws {
        try self.init(jsonLinesBytes: try Self.bytes(of: url), source: url.path, inputs: inputs, labelColumn: labelColumn)
    }

    /// - Parameter source: What messages call the text.
    init(
        csvBytes bytes: [UInt8], source: String, delimiter: Character = ",", quoting: Quoting = .automatic,
        inputs: [String]? = nil, labelColumn: String? = nil
    ) throws {
        guard let separator = delimiter.asciiValue, separator != 0, !delimiter.isNewline, delimiter != "\""
        else {
            throw DatasetError(
                "a delimiter must be one ASCII character other than a quote or a line break, found "
                    + UTF8Text.excerpt(String(delimiter)), source: source)
        }
        let quotesAreCharacters =
            quoting == .none
            || quoting == .automatic && Self.quotesAreCharacters(in: bytes, delimiter: separator)
        var parser = CSVParser(bytes: bytes, source: source, delimiter: separator, hasQuotes: !quotesAreCharacters)
        var fields: [String] = []
        guard try parser.readRecord(into: &fields) else {
            throw DatasetError(
                "the file is empty; it needs a header row and at least one row of data", source: source)
        }
        let names = fields
        let isQuoted = bytes.dropFirst(bytes.starts(with: UTF8Text.byteOrderMark) ? 3 : 0).first == UTF8Text.quote
        try Self.checkNames(names, source: source, row: parser.row)
        if names.count == 1, !isQuoted, let other = [";", "\t", "|", ","].first(where: { names[0].contains($0) }) {
            throw DatasetError(
                "there is one column, named \(UTF8Text.excerpt(names[0])); if its fields are separated by \(Self.name(of: other)), "
                    + "save the file with commas as .csv or with tabs as .tsv, or read it by Dataset(csv:delimiter:)", source: source)
        }
        parser.header = names
        var columns = [[String]](repeating: [], count: names.count)
        var lines: [Int] = []
        while try parser.readRecord(into: &fields) {
            guard fields.count == names.count else {
                throw parser.recordError(
                    "found \(fields.count) fields, expected \(names.count) (\(Self.list(names))); "
                        + "a text that holds the delimiter must be quoted")
            }
            for index in fields.indices { columns[index].append(fields[index]) }
            lines.append(parser.rowLine)
        }
        guard !lines.isEmpty else {
            throw DatasetError("there is a header (\(Self.list(names))) but no row of data", source: source)
        }
        try self.init(
            table: zip(names, columns).map(ColumnBuilder.column),
            origin: Origin(
                source: source, quoting: quotesAreCharacters ? Quoting.none : .standard, rows: Array(2...parser.row), lines: lines),
            inputs: inputs, label: labelColumn)
    }

    private static func name(of delimiter: String) -> String { delimiter == "\t" ? "tabs" : "\"\(delimiter)\"" }

    private static func bytes(of url: URL) throws -> [UInt8] {
        guard url.isFileURL else {
            throw DatasetError("only files can be read; download it first", source: url.absoluteString)
        }
        let bytes: [UInt8]
        do {
            bytes = [UInt8](try Data(contentsOf: url))
        } catch {
            throw DatasetError("the file cannot be read: \(error.systemReason)", source: url.path)
        }
        guard !UTF8Text.sixteenBitMarks.contains(where: bytes.starts) else {
            throw DatasetError("the file is UTF-16 text; save it as UTF-8", source: url.path)
        }
        return bytes
    }
}
