import CCodecs

/// Reads the records of delimited text one after another, as RFC 4180 has them.
///
/// Fields may be quoted; a quoted field may hold delimiters, line breaks and doubled quotes. Lines end with
/// LF or CR LF. Whatever else occurs (a quote inside an unquoted field, a blank line, …) is an error that
/// says where it is: a lenient reader would shift texts from one column to another.
struct CSVParser {
    /// A field of the record read last.
    struct Field {
        /// Where it lies in the window, without the quotes around it.
        let range: Range<Int>
        let isQuoted: Bool
        /// Whether it holds doubled quotes, which stand for one.
        let hasDoubledQuotes: Bool
    }

    /// What a field ends with; `window`: that shows only when more is loaded.
    private enum FieldEnd { case delimiter, record, window }

    let source: String
    /// The names of the columns, for messages; set once the first record has been read.
    var header: [String] = []
    /// The record read last, from 1.
    private(set) var row = 0
    private(set) var fields: [Field] = []

    private var window: TextWindow
    /// Up to where the window is known to be UTF-8.
    private var validEnd = 0
    /// Whether quotes enclose fields; otherwise they are characters like others.
    private let hasQuotes: Bool
    private let delimiter: UInt8
    private var position: Int
    /// The line at `position`, from 1.
    private var line = 1
    /// The line at which that record begins.
    private(set) var rowLine = 1

    /// - Parameters:
    ///   - text: What is read.
    ///   - delimiter: An ASCII byte that is neither a quote nor ends a line.
    ///   - hasQuotes: Whether quotes enclose fields.
    /// - Throws: `DatasetError` if the text is damaged, or UTF-16.
    init(_ text: TextSource, delimiter: UInt8, hasQuotes: Bool = true) throws {
        window = try TextWindow(text)
        position = window.firstPosition
        (self.hasQuotes, self.delimiter, source) = (hasQuotes, delimiter, text.name)
        validate()
    }

    /// Reads the next record, or returns false at the end of the text.
    mutating func readRecord() throws -> Bool {
        while position >= window.bytes.count {
            if window.isLast { return false }
            try advance()
        }
        row += 1
        rowLine = line
        while try !readFields() {
            line = rowLine
            try advance()
        }
        return true
    }

    /// The texts of the record.
    var texts: [String] {
        fields.indices.map { index in
            var builder = TextBuilder()
            append(index, to: &builder)
            return builder.column[0]
        }
    }

    /// Appends the text of a field.
    @inline(__always)
    func append(_ index: Int, to builder: inout TextBuilder) {
        let field = fields[index]
        if !field.hasDoubledQuotes { return builder.append(window.bytes, field.range) }
        var text: [UInt8] = [], isSecond = false
        for byte in window.bytes[field.range] {
            isSecond = byte == UTF8Text.quote && !isSecond
            if !isSecond { text.append(byte) }
        }
        builder.append(text, 0..<text.count)
    }

    /// An error about the record read last.
    func recordError(_ problem: String) -> DatasetError {
        DatasetError(problem, source: source, row: row, line: rowLine)
    }

    private mutating func advance() throws {
        validEnd = max(0, validEnd - position)
        try window.advance(by: position)
        position = 0
        validate()
    }

    /// Looks at whole lines at once, since no character goes beyond one.
    private mutating func validate() {
        let bytes = window.bytes
        let end = window.isLast ? bytes.count : (bytes.lastIndex(of: UTF8Text.lineFeed) ?? -1) + 1
        if end > validEnd, bytes.isUTF8(validEnd..<end) { validEnd = end }
    }

    /// Reads a record and stands behind it, or returns false, and stays, where the window ends before.
    private mutating func readFields() throws -> Bool {
        let start = position
        fields.removeAll(keepingCapacity: true)
        if position + 1 == window.bytes.count, !window.isLast { return false }
        if window.bytes[position] == UTF8Text.lineFeed || isLineBreak(at: position) {
            throw recordError(
                "this line is blank; remove it (a row with one empty text is written as \"\")")
        }
        while true {
            let isQuoted = hasQuotes && position < window.bytes.count && window.bytes[position] == UTF8Text.quote
            switch try isQuoted ? readQuotedField() : readPlainField() {
            case .delimiter: break
            case .record: return true
            case .window:
                position = start
                return false
            }
        }
    }

    private mutating func readPlainField() throws -> FieldEnd {
        let start = position, count = window.bytes.count
        var index = position
        while true {
            index = scan_field(window.bytes, index, count, delimiter)
            position = index
            guard index < count else {
                if !window.isLast { return .window }
                try add(start..<count)
                return .record
            }
            switch window.bytes[index] {
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
                let end = try readFieldEnd()
                if end != .window { try add(start..<index) }
                return end
            }
        }
    }

    private mutating func readQuotedField() throws -> FieldEnd {
        let openingLine = line, count = window.bytes.count
        position += 1
        let start = position
        var index = start, hasDoubledQuotes = false
        while true {
            index = scan_quoted(window.bytes, index, count)
            position = index
            guard index < count else {
                if !window.isLast { return .window }
                throw fieldError("the quote that opens this field never closes", line: openingLine)
            }
            switch window.bytes[index] {
            case UTF8Text.lineFeed: line += 1
            case UTF8Text.quote:
                if index + 1 < count && window.bytes[index + 1] == UTF8Text.quote {
                    hasDoubledQuotes = true
                    index += 2
                    continue
                }
                position += 1
                let end = try readFieldEnd()
                if end != .window { try add(start..<index, isQuoted: true, hasDoubledQuotes: hasDoubledQuotes) }
                return end
            default: throw nulError()
            }
            index += 1
        }
    }

    /// Reads what follows a field: a delimiter, a line break or the end of the text.
    private mutating func readFieldEnd() throws -> FieldEnd {
        guard position < window.bytes.count else { return window.isLast ? .record : .window }
        let byte = window.bytes[position]
        if byte == delimiter {
            position += 1
            return .delimiter
        }
        if byte == UTF8Text.lineFeed || isLineBreak(at: position) {
            position += byte == UTF8Text.lineFeed ? 1 : 2
            line += 1
            return .record
        }
        if position + 1 == window.bytes.count, !window.isLast { return .window }
        if byte == UTF8Text.carriageReturn {
            throw fieldError(
                "there is a carriage return without a line feed; end lines with LF or CR LF, "
                    + "and quote other breaks")
        }
        throw fieldError(
            "after a closing quote there must be a delimiter or a line break, found "
                + UTF8Text.character(at: position, in: window.bytes) + "; a quote inside a quoted field is doubled")
    }

    private func isLineBreak(at position: Int) -> Bool {
        window.bytes[position] == UTF8Text.carriageReturn
            && position + 1 < window.bytes.count && window.bytes[position + 1] == UTF8Text.lineFeed
    }

    private mutating func add(_ range: Range<Int>, isQuoted: Bool = false, hasDoubledQuotes: Bool = false) throws {
        guard range.upperBound <= validEnd || window.bytes.isUTF8(range) else {
            throw fieldError(UTF8Text.problem(in: window.bytes, range, start: window.start))
        }
        fields.append(Field(range: range, isQuoted: isQuoted, hasDoubledQuotes: hasDoubledQuotes))
    }

    private func nulError() -> DatasetError {
        fieldError("there is a NUL byte at offset \(window.start + position) of the file; a text file has none")
    }

    private func fieldError(_ problem: String, line: Int? = nil) -> DatasetError {
        let index = fields.count, known = index < header.count
        return DatasetError(
            known ? problem : "in field \(index + 1), " + problem,
            source: source, row: row, line: line ?? rowLine, column: known ? header[index] : nil)
    }
}
