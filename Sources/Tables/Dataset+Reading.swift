import Foundation

extension Dataset {
    /// The file name extensions that `init(contentsOf:)` reads.
    static let supportedExtensions = ["csv", "tsv", "jsonl", "ndjson"]

    /// Reads a file in the format that its extension tells: `.csv`, `.tsv` (tabs), `.jsonl` or `.ndjson`.
    ///
    /// - Parameter labelColumn: The name of the label column; `nil` is the first present of `label`,
    ///   `labels`, `score` and `scores`, if any.
    /// - Throws: `DatasetError` for any other extension, and as `init(csv:)` and `init(jsonLines:)` do.
    public init(contentsOf url: URL, labelColumn: String? = nil) throws {
        switch url.pathExtension.lowercased() {
        case "csv": try self.init(csv: url, labelColumn: labelColumn)
        case "tsv": try self.init(csv: url, delimiter: "\t", labelColumn: labelColumn)
        case "jsonl", "ndjson": try self.init(jsonLines: url, labelColumn: labelColumn)
        case let other:
            throw DatasetError(
                "files of type \"\(other)\" cannot be read; the types are "
                    + Self.supportedExtensions.map { "." + $0 }.joined(separator: ", "), source: url.path)
        }
    }

    /// Reads delimited text as of RFC 4180: UTF-8, one header row, fields quoted where they hold a delimiter,
    /// a quote (doubled) or a line break. Texts are taken as they are: nothing is trimmed. A label is a number, or a
    /// list of numbers in brackets, `"[0.1, 0.2]"`, or a list of such lists.
    ///
    /// - Parameters:
    ///   - delimiter: One ASCII character other than a quote or a line break.
    ///   - labelColumn: As for `init(contentsOf:)`.
    /// - Throws: `DatasetError` with file, row and column if the file cannot be read, is not such text or has
    ///   no rows, if a row has more or fewer fields than the header, if a label is not a finite number or a list of
    ///   them, or if one has another shape than the first.
    public init(csv url: URL, delimiter: Character = ",", labelColumn: String? = nil) throws {
        try self.init(
            csvBytes: try Self.bytes(of: url), source: url.path, delimiter: delimiter, labelColumn: labelColumn)
    }

    /// Reads JSON Lines: UTF-8, one JSON object a line, each with the keys of the first. The label is a
    /// number, a list of numbers or a list of such lists, of one shape in all lines; all other values are strings.
    ///
    /// - Parameter labelColumn: As for `init(contentsOf:)`.
    /// - Throws: `DatasetError` with file, line and key if the file cannot be read, is not such text or has
    ///   no lines, if a line has more or other keys than the first, or if a value has the wrong type.
    public init(jsonLines url: URL, labelColumn: String? = nil) throws {
        try self.init(
            jsonLinesBytes: try Self.bytes(of: url), source: url.path, labelColumn: labelColumn)
    }

    /// - Parameter source: What messages call the text.
    init(
        csvBytes bytes: [UInt8], source: String, delimiter: Character = ",", labelColumn: String? = nil
    ) throws {
        guard let separator = delimiter.asciiValue, separator != 0, !delimiter.isNewline, delimiter != "\""
        else {
            throw DatasetError(
                "a delimiter must be one ASCII character other than a quote or a line break, found "
                    + UTF8Text.excerpt(String(delimiter)), source: source)
        }
        var parser = CSVParser(bytes: bytes, source: source, delimiter: separator)
        var fields: [String] = []
        guard try parser.readRecord(into: &fields) else {
            throw DatasetError(
                "the file is empty; it needs a header row and at least one row of data", source: source)
        }
        var table = try TableBuilder(
            names: fields, source: source, row: parser.row, rowsAreLines: false, labelColumn: labelColumn)
        parser.header = table.names
        while try parser.readRecord(into: &fields) {
            guard fields.count == table.names.count else {
                throw parser.recordError(
                    "found \(fields.count) fields, expected \(table.names.count) (\(Self.list(table.names))); "
                        + "a text that holds the delimiter must be quoted")
            }
            for index in fields.indices {
                guard index == table.labelIndex else {
                    table.append(text: fields[index], toColumn: index)
                    continue
                }
                do {
                    try table.append(LabelText.label(in: fields[index]))
                } catch let problem as LabelText.Problem {
                    throw parser.recordError(problem.text, column: table.names[index])
                }
            }
            table.finishRow(parser.row)
        }
        guard parser.row > 1 else {
            throw DatasetError("there is a header (\(Self.list(table.names))) but no row of data", source: source)
        }
        self = table.dataset()
    }

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
