/// An Arrow file or stream: what it says of itself, and its columns when they are asked for.
struct ArrowFile {
    let file: FileBytes
    private(set) var fields: [ArrowField] = []
    private var batches: [Message] = []

    private struct Message {
        let kind: Int
        let header: FlatTable
        let body: Range<Int>
        /// Where the next one begins.
        let end: Int
    }

    static let magic = Array("ARROW1".utf8)

    init(_ file: FileBytes) throws {
        self.file = file
        let isFile = file.count >= 6 && file.bytes(0..<6) == Self.magic
        guard file.count >= 8 else { throw Malformed("this is no Arrow file: it has \(file.count) bytes") }
        if isFile { try readFooter() } else { try readStream() }
    }

    /// A file has a description of all messages at its end.
    private mutating func readFooter() throws {
        guard file.count >= 18, file.bytes(file.count - 6..<file.count) == Self.magic else {
            throw Malformed("the file does not end with ARROW1: it was cut, or was never finished")
        }
        let size = Int(file.bytes(file.count - 10..<file.count - 6).load(UInt32.self, at: 0))
        guard size <= file.count - 18 else { throw Malformed("the file's description has \(size) bytes, but the file \(file.count)") }
        let footer = try FlatTable(file.bytes(file.count - 10 - size..<file.count - 10))
        guard let schema = try footer.table(1) else { throw Malformed("the file has no schema") }
        try readSchema(schema)
        for field in [2, 3] {
            for block in try footer.structures(field, words: 3) {
                guard let message = try message(at: block[0]) else { throw Malformed("the file's description points to no message") }
                batches.append(message)
            }
        }
    }

    private mutating func readStream() throws {
        guard let schema = try message(at: 0), schema.kind == 1 else {
            throw Malformed("this is no Arrow file: it begins neither with ARROW1 nor with a schema")
        }
        try readSchema(schema.header)
        var position = schema.end
        while let message = try message(at: position) {
            batches.append(message)
            position = message.end
        }
    }

    private mutating func readSchema(_ schema: FlatTable) throws(Malformed) {
        guard try schema.integer(0, Int16.self) == 0 else {
            throw Malformed("the file has its bytes in the other order (big-endian), which is not read")
        }
        for field in try schema.tables(1) { fields.append(try ArrowField(field)) }
        guard !fields.isEmpty else { throw Malformed("the file has no columns") }
    }

    /// The message at a position; nil at the mark that ends a stream.
    private func message(at start: Int) throws(Malformed) -> Message? {
        guard start >= 0, start <= file.count - 4 else { throw Self.unfinished }
        var position = start + 4
        var size = file.bytes(start..<position).load(UInt32.self, at: 0)
        if size == UInt32.max {
            guard position <= file.count - 4 else { throw Self.unfinished }
            size = file.bytes(position..<position + 4).load(UInt32.self, at: 0)
            position += 4
        }
        guard size > 0 else { return nil }
        guard Int(size) <= file.count - position else { throw Self.unfinished }
        let table = try FlatTable(file.bytes(position..<position + Int(size)))
        position += Int(size)
        let bodySize = try table.integer(3, Int.self)
        guard bodySize >= 0, bodySize <= file.count - position else { throw Self.unfinished }
        guard let header = try table.table(2) else { throw Malformed("a message of the file has no content") }
        return Message(
            kind: try table.integer(1, UInt8.self), header: header, body: position..<position + bodySize, end: position + bodySize)
    }

    private static let unfinished = Malformed("the file ends in the middle of its messages: it was cut, or was never finished")

    /// - Parameter names: The columns to read; nil: all.
    func read(_ names: [String]?) throws -> [FileColumn] {
        try file.requireColumns(names, of: fields.map(\.name))
        let chosen = fields.indices.filter { names?.contains(fields[$0].name) ?? true }
        var parts = [ArrowParts](repeating: ArrowParts(), count: fields.count)
        var dictionaries: [Int: FileValues] = [:]
        let dictionaryFields = Self.dictionaryFields(fields)
        for message in batches {
            switch message.kind {
            case 2:
                let id = try message.header.integer(0, Int.self)
                guard let field = dictionaryFields[id] else { throw Malformed("a dictionary belongs to no column") }
                guard let data = try message.header.table(1) else { throw Malformed("a dictionary has no content") }
                var batch = try ArrowBatch(file, data, message.body, dictionaries)
                let values = try batch.read(field, count: batch.rowCount)
                let isAddition = try message.header.integer(2, UInt8.self) != 0
                if isAddition, let earlier = dictionaries[id] {
                    guard let joined = FileValues.joined([earlier, values]) else {
                        throw Malformed("a dictionary has values of several types")
                    }
                    dictionaries[id] = joined
                } else {
                    dictionaries[id] = values
                }
            case 3:
                var batch = try ArrowBatch(file, message.header, message.body, dictionaries)
                for (index, field) in fields.enumerated() {
                    if chosen.contains(index) {
                        parts[index].append(try batch.readColumn(field))
                    } else {
                        try batch.skip(field)
                    }
                }
                file.release(message.body)
            default: break
            }
        }
        return try chosen.map { index in
            let field = fields[index]
            guard let values = parts[index].values else {
                throw Malformed("column \"\(field.name)\" has values of several types")
            }
            return FileColumn(name: field.name, type: field.type, values: values)
        }
    }

    /// The fields of dictionaries, as fields that hold the values themselves.
    private static func dictionaryFields(_ fields: [ArrowField]) -> [Int: ArrowField] {
        var found: [Int: ArrowField] = [:]
        for field in fields {
            if let dictionary = field.dictionary {
                var plain = field
                plain.dictionary = nil
                found[dictionary.id] = plain
            }
            found.merge(dictionaryFields(field.children)) { first, _ in first }
        }
        return found
    }
}
