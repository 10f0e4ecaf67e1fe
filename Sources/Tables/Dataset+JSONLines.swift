import JSON

extension Dataset {
    /// - Parameter source: What messages call the text.
    init(jsonLinesBytes bytes: [UInt8], source: String, inputs: [String]? = nil, labelColumn: String? = nil) throws {
        var position = bytes.starts(with: UTF8Text.byteOrderMark) ? UTF8Text.byteOrderMark.count : 0
        var builders: [ColumnBuilder] = []
        var line = 0
        while position < bytes.count {
            line += 1
            let end = bytes[position...].firstIndex(of: UTF8Text.lineFeed) ?? bytes.count
            let object = try Self.object(bytes, position..<end, source: source, line: line)
            if line == 1 {
                try Self.checkNames(object.keys, source: source, line: line)
                builders = object.keys.map { ColumnBuilder(name: $0) }
            }
            try Self.append(object, to: &builders, source: source, line: line)
            position = end + 1
        }
        guard line > 0 else {
            throw DatasetError("the file is empty; it needs at least one JSON object on a line", source: source)
        }
        try self.init(
            table: builders.map { $0.column() }, origin: Origin(source: source, rows: nil, lines: Array(1...line)),
            inputs: inputs, label: labelColumn)
    }

    /// The object of one line.
    private static func object(_ bytes: [UInt8], _ range: Range<Int>, source: String, line: Int) throws -> JSONObject {
        func refuse(_ problem: String) -> DatasetError { DatasetError(problem, source: source, line: line) }
        guard let first = bytes[range].firstIndex(where: { !" \t\r".utf8.contains($0) }) else {
            throw refuse("this line is blank; remove it")
        }
        guard bytes[first] == UInt8(ascii: "{") else {
            throw refuse("each line must be a JSON object, found " + UTF8Text.character(at: first, in: bytes))
        }
        do {
            guard case .object(let object) = try JSONValue.parse(bytes, in: range, line: line), !object.isEmpty else {
                throw refuse("the object has no keys; it needs at least one")
            }
            return object
        } catch let error as JSONSyntaxError {
            throw refuse(
                UTF8Text.firstInvalidPosition(in: bytes, range) != nil
                    ? UTF8Text.problem(in: bytes, range) : "\(error.problem), at byte \(error.column) of the line")
        }
    }

    private static func append(_ object: JSONObject, to builders: inout [ColumnBuilder], source: String, line: Int) throws {
        for (place, member) in object.members.enumerated() {
            func refuse(_ problem: String) -> DatasetError { DatasetError(problem, source: source, line: line, column: member.key) }
            // The keys are nearly always in the first line's order.
            let inOrder = place < builders.count && builders[place].name == member.key
            guard let index = inOrder ? place : builders.firstIndex(where: { $0.name == member.key }) else {
                throw refuse("the first line has no such key; its keys are \(list(builders.map(\.name)))")
            }
            guard builders[index].rowCount < line else { throw refuse("the key occurs twice, in two spellings") }
            do throws(Cell.Problem) {
                try builders[index].append(Cell(member.value))
            } catch { throw refuse(error.text) }
        }
        if let missing = builders.first(where: { $0.rowCount < line }) {
            throw DatasetError(
                "the key is missing; each line needs the keys of the first: \(list(builders.map(\.name)))",
                source: source, line: line, column: missing.name)
        }
    }
}
