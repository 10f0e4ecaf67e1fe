extension Dataset {
    /// - Parameter source: What messages call the text.
    init(jsonLinesBytes bytes: [UInt8], source: String, labelColumn: String? = nil) throws {
        var position = bytes.starts(with: UTF8Text.byteOrderMark) ? UTF8Text.byteOrderMark.count : 0
        var table: TableBuilder?
        var line = 0
        while position < bytes.count {
            line += 1
            let end = bytes[position...].firstIndex(of: UTF8Text.lineFeed) ?? bytes.count
            var parser = FlatJSONParser(bytes: bytes, range: position..<end, source: source, line: line)
            let members = try parser.readObject()
            var builder = try table ?? TableBuilder(
                names: members.map(\.key), source: source, row: line, rowsAreLines: true,
                labelColumn: labelColumn)
            // Releases the other reference, so that the columns grow in place.
            table = nil
            try Self.append(members, to: &builder, line: line)
            table = builder
            position = end + 1
        }
        guard let table else {
            throw DatasetError("the file is empty; it needs at least one JSON object on a line", source: source)
        }
        self = table.dataset()
    }

    private static func append(
        _ members: [FlatJSONParser.Member], to table: inout TableBuilder, line: Int
    ) throws {
        var isPresent = [Bool](repeating: false, count: table.names.count)
        for (place, member) in members.enumerated() {
            // The keys are nearly always in the first line's order.
            let inOrder = place < table.names.count && table.names[place] == member.key
            guard let index = inOrder ? place : table.names.firstIndex(of: member.key) else {
                throw DatasetError(
                    "the first line has no such key; its keys are \(list(table.names))",
                    source: table.source, line: line, column: member.key)
            }
            guard !isPresent[index] else {
                throw DatasetError("the key occurs twice", source: table.source, line: line, column: member.key)
            }
            isPresent[index] = true
            switch (member.value, index == table.labelIndex) {
            case (.label(let label), true):
                do {
                    try table.append(label)
                } catch let problem as LabelText.Problem {
                    throw DatasetError(problem.text, source: table.source, line: line, column: member.key)
                }
            case (.text(let text), false):
                table.append(text: text, toColumn: index)
            case (.text(let text), true):
                throw DatasetError(
                    "a label must be a number, found the string \(UTF8Text.excerpt(text)); "
                        + "give a column of texts another name",
                    source: table.source, line: line, column: member.key)
            case (.label(.number(let value, _)), false):
                throw DatasetError(
                    "a text must be a string, found the number \(value)",
                    source: table.source, line: line, column: member.key)
            case (.label(.list), false):
                throw DatasetError(
                    "a text must be a string, found an array of numbers",
                    source: table.source, line: line, column: member.key)
            }
        }
        if let missing = isPresent.firstIndex(of: false) {
            throw DatasetError(
                "the key is missing; each line needs the keys of the first: \(list(table.names))",
                source: table.source, line: line, column: table.names[missing])
        }
        table.finishRow(line)
    }
}
