extension Table {
    init(csv text: TextSource, delimiter: Character, quoting: Dataset.Quoting) throws {
        let source = text.name
        guard let separator = delimiter.asciiValue, separator != 0, !delimiter.isNewline, delimiter != "\""
        else {
            throw DatasetError(
                "a delimiter must be one ASCII character other than a quote or a line break, found "
                    + UTF8Text.excerpt(String(delimiter)), source: source)
        }
        let quotesAreCharacters =
            try quoting == .none
            || (quoting == .automatic && Dataset.quotesAreCharacters(in: text, delimiter: separator))
        var parser = try CSVParser(text, delimiter: separator, hasQuotes: !quotesAreCharacters)
        guard try parser.readRecord() else {
            throw DatasetError(
                "the file is empty; it needs a header row and at least one row of data", source: source)
        }
        let names = parser.texts
        try Dataset.checkNames(names, source: source, row: parser.row)
        if names.count == 1, !parser.fields[0].isQuoted, let other = [";", "\t", "|", ","].first(where: { names[0].contains($0) }) {
            throw DatasetError(
                "there is one column, named \(UTF8Text.excerpt(names[0])); if its fields are separated by \(Self.name(of: other)), "
                    + "save the file with commas as .csv or with tabs as .tsv, or read it by Dataset(csv:delimiter:)", source: source)
        }
        parser.header = names
        var columns = [TextBuilder](repeating: TextBuilder(), count: names.count)
        // Kept from the first row on that does not begin at the line of its number.
        var lines: [Int]?
        while try parser.readRecord() {
            guard parser.fields.count == names.count else {
                throw parser.recordError(
                    "found \(parser.fields.count) fields, expected \(names.count) (\(Dataset.list(names))); "
                        + "a text that holds the delimiter must be quoted")
            }
            for index in columns.indices { parser.append(index, to: &columns[index]) }
            if lines == nil, parser.rowLine != parser.row { lines = Array(2..<parser.row) }
            lines?.append(parser.rowLine)
        }
        let rowCount = columns[0].count
        guard rowCount > 0 else {
            throw DatasetError("there is a header (\(Dataset.list(names))) but no row of data", source: source)
        }
        let part = Dataset.Origin.Part(
            source: source, quoting: quotesAreCharacters ? Dataset.Quoting.none : .standard, count: rowCount, firstRow: 2,
            lines: lines)
        try self.init(
            columns: zip(names, columns).map { FileColumn(name: $0, type: "text", values: FileValues(.fields($1.column))) },
            origin: Dataset.Origin(parts: [part]))
    }

    private static func name(of delimiter: String) -> String { delimiter == "\t" ? "tabs" : "\"\(delimiter)\"" }
}
