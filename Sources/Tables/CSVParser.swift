import CCodecs

/// Reads the records of delimited text one after another, as RFC 4180 has them.
///
/// Fields may be quoted; a quoted field may hold delimiters, line breaks and doubled quotes. Lines end with
/// LF or CR LF. Whatever else occurs (a quote inside an unquoted field, a blank line, …) is an error that
/// says where it is: a lenient reader would shift texts from one column to another.
struct CSVParser {
    /// What a field ends with.
    private enum FieldEnd { case delimiter, record }

    let source: String
    /// The names of the columns, for messages; set once the first record has been read.
    var header: [String] = []
    /// The record read last, from 1.
    private(set) var row = 0

    private let bytes: [UInt8]
    /// Whether quotes enclose fields; otherwise they are characters like others.
    private let hasQuotes: Bool
    private let delimiter: UInt8
    private var position = 0
    /// The line at `position`, from 1.
    private var line = 1
    /// The line at which that record begins.
    private(set) var rowLine = 1
    /// Which field of the record is being read, from 0.
    private var field = 0

    /// - Parameter delimiter: An ASCII byte that is neither a quote nor ends a line.
    init(bytes: [UInt8], source: String, delimiter: UInt8, hasQuotes: Bool = true) {
        self.bytes = bytes
        self.hasQuotes = hasQuotes
        self.source = source
        self.delimiter = delimiter
        if bytes.starts(with: UTF8Text.byteOrderMark) { position = UTF8Text.byteOrderMark.count }
    }

    /// Reads the next record into `fields`, or returns false at the end of the text.
    mutating func readRecord(into fields: inout [String]) throws -> Bool {
        fields.removeAll(keepingCapacity: true)
        guard position < bytes.count else { return false }
        row += 1
        rowLine = line
        field = 0
        if bytes[position] == UTF8Text.lineFeed || isLineBreak(at: position) {
            throw recordError(
                "this line is blank; remove it (a row with one empty text is written as \"\")")
        }
        while true {
            let end =
                hasQuotes && position < bytes.count && bytes[position] == UTF8Text.quote
                ? try readQuotedField(into: &fields) : try readPlainField(into: &fields)
            if end == .record { return true }
            field += 1
        }
    }

    /// An error about the record read last.
    func recordError(_ problem: String) -> DatasetError {
        DatasetError(problem, source: source, row: row, line: rowLine)
    }

    private mutating func readPlainField(into fields: inout [String]) throws -> FieldEnd {
        let start = position
        var index = position
        while true {
            index = scan_field(bytes, index, bytes.count, delimiter)
            position = index
            guard index < bytes.count else {
                fields.append(try text(of: start..<position))
                return .record
            }
            switch bytes[index] {
            case UTF8Text.quote:
                guard !hasQuotes else {
                    throw fieldError(
                        "there is a quote inside an unquoted field; put the field in quotes and double "
                            + "the quotes in it")
                }
                index += 1
            case 0:
                throw nulError()
            default:
                let content = start..<position
                let end = try readFieldEnd()
                fields.append(try text(of: content))
                return end
            }
        }
    }

    private mutating func readQuotedField(into fields: inout [String]) throws -> FieldEnd {
        let openingLine = line
        position += 1
        let start = position
        var pieceStart = start, index = start
        // What precedes `pieceStart`, with each doubled quote made single.
        var unescaped: [UInt8] = []
        while true {
            index = scan_quoted(bytes, index, bytes.count)
            position = index
            guard index < bytes.count else { throw fieldError("the quote that opens this field never closes", line: openingLine) }
            switch bytes[index] {
            case UTF8Text.lineFeed: line += 1
            case UTF8Text.quote:
                if index + 1 < bytes.count && bytes[index + 1] == UTF8Text.quote {
                    unescaped += bytes[pieceStart...index]
                    index += 2
                    pieceStart = index
                    continue
                }
                if !unescaped.isEmpty { unescaped += bytes[pieceStart..<index] }
                fields.append(try text(of: start..<index, unescaped: unescaped.isEmpty ? nil : unescaped))
                position += 1
                return try readFieldEnd()
            default: throw nulError()
            }
            index += 1
        }
    }

    /// Reads what follows a field: a delimiter, a line break or the end of the text.
    private mutating func readFieldEnd() throws -> FieldEnd {
        guard position < bytes.count else { return .record }
        if bytes[position] == delimiter {
            position += 1
            return .delimiter
        }
        if bytes[position] == UTF8Text.lineFeed || isLineBreak(at: position) {
            position += bytes[position] == UTF8Text.lineFeed ? 1 : 2
            line += 1
            return .record
        }
        if bytes[position] == UTF8Text.carriageReturn {
            throw fieldError(
                "there is a carriage return without a line feed; end lines with LF or CR LF, "
                    + "and quote other breaks")
        }
        throw fieldError(
            "after a closing quote there must be a delimiter or a line break, found "
                + UTF8Text.character(at: position, in: bytes) + "; a quote inside a quoted field is doubled")
    }

    private func isLineBreak(at position: Int) -> Bool {
        bytes[position] == UTF8Text.carriageReturn
            && position + 1 < bytes.count && bytes[position + 1] == UTF8Text.lineFeed
    }

    private func text(of range: Range<Int>, unescaped: [UInt8]? = nil) throws -> String {
        guard let text = unescaped.map({ $0.text(0..<$0.count) }) ?? bytes.text(range) else {
            throw fieldError(UTF8Text.problem(in: bytes, range))
        }
        return text
    }

    private func nulError() -> DatasetError {
        fieldError("there is a NUL byte at offset \(position) of the file; a text file has none")
    }

    private func fieldError(_ problem: String, line: Int? = nil) -> DatasetError {
        let known = field < header.count
        return DatasetError(
            known ? problem : "in field \(field + 1), " + problem,
            source: source, row: row, line: line ?? rowLine, column: known ? header[field] : nil)
    }
}
