/// Writes an Arrow file: a schema, batches of rows, and where they are.
enum ArrowWriter {
    private static let rowsPerBatch = 10_000
    private static let mark: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFF]
    /// The version of the format, 1.0 and newer.
    private static let version = FlatBuilder.Value.int16(4)

    static func write(_ columns: [FileColumn], to file: inout FileWriter) throws {
        let columns = columns.map { (name: $0.name, values: $0.values.storable) }
        let rowCount = columns.first?.values.count ?? 0
        let schema = FlatBuilder.Value.table([(1, .tables(columns.map { field($0.name, $0.values) }))])
        try file.append(ArrowFile.magic + [0, 0])
        _ = try append(kind: 1, schema, body: [], to: &file)
        var blocks: [[Int]] = []
        for start in stride(from: 0, to: rowCount, by: rowsPerBatch) {
            let rows = start..<min(start + rowsPerBatch, rowCount)
            var batch = Batch()
            for column in columns { batch.append(column.values, rows) }
            guard batch.body.count <= Int32.max else { throw DatasetError("\(rows.count) rows are more than a batch of Arrow holds") }
            let header = FlatBuilder.Value.table([(0, .int64(rows.count)), (1, .structures(batch.nodes)), (2, .structures(batch.buffers))])
            blocks.append(try append(kind: 3, header, body: batch.body, to: &file))
        }
        try file.append(mark + [0, 0, 0, 0])
        var footer = FlatBuilder.build([(0, version), (1, schema), (2, .structures([])), (3, .structures(blocks))])
        footer.append(littleEndian: UInt32(footer.count))
        try file.append(footer + ArrowFile.magic)
    }

    /// - Returns: Where the message is: its offset, the size of its description, that of its body.
    private static func append(kind: Int, _ header: FlatBuilder.Value, body: [UInt8], to file: inout FileWriter) throws -> [Int] {
        let start = file.count
        let message = FlatBuilder.build([(0, version), (1, .int8(kind)), (2, header), (3, .int64(body.count))])
        var head = mark
        head.append(littleEndian: UInt32(message.count))
        try file.append(head + message + body)
        return [start, 8 + message.count, body.count]
    }

    private static func field(_ name: String, _ values: FileValues) -> FlatBuilder.Value {
        let type: (number: Int, FlatBuilder.Value, children: [FlatBuilder.Value])
        switch values.content {
        case .integers: type = (2, .table([(0, .int32(64)), (1, .int8(1))]), [])
        case .reals: type = (3, .table([(0, .int16(2))]), [])
        case .booleans: type = (6, .table([]), [])
        case .lists(_, let elements): type = (12, .table([]), [field("item", elements)])
        case .structures(let fields, _): type = (13, .table([]), fields.map { field($0.name, $0.values) })
        default: type = (5, .table([]), [])
        }
        return .table([(0, .text(name)), (1, .int8(1)), (2, .int8(type.number)), (3, type.1), (5, .tables(type.children))])
    }

    private struct Batch {
        var nodes: [[Int]] = [], buffers: [[Int]] = []
        var body: [UInt8] = []

        private mutating func appendBuffer(_ bytes: [UInt8]) {
            buffers.append([body.count, bytes.count])
            body += bytes
            while body.count % 8 != 0 { body.append(0) }
        }

        private static func bits(_ rows: Range<Int>, _ bit: (Int) -> Bool) -> [UInt8] {
            var bits = [UInt8](repeating: 0, count: (rows.count + 7) / 8)
            for (index, row) in rows.enumerated() where bit(row) { bits[index / 8] |= 1 << (index % 8) }
            return bits
        }

        mutating func append(_ values: FileValues, _ rows: Range<Int>) {
            let nullCount = rows.count { values.isNull($0) }
            nodes.append([rows.count, nullCount])
            appendBuffer(nullCount == 0 ? [] : Self.bits(rows) { !values.isNull($0) })
            var bytes: [UInt8] = []
            switch values.content {
            case .integers(let integers):
                for row in rows { bytes.append(littleEndian: integers[row]) }
                appendBuffer(bytes)
            case .reals(let reals):
                for row in rows { bytes.append(littleEndian: reals[row].bitPattern) }
                appendBuffer(bytes)
            case .booleans(let truths): appendBuffer(Self.bits(rows) { truths[$0] })
            case .texts(let texts):
                var offsets: [UInt8] = []
                offsets.append(littleEndian: Int32(0))
                for row in rows {
                    if !values.isNull(row) { texts.withUTF8(row) { bytes += $0 } }
                    offsets.append(littleEndian: Int32(truncatingIfNeeded: bytes.count))
                }
                appendBuffer(offsets)
                appendBuffer(bytes)
            case .lists(let offsets, let elements):
                let first = offsets[rows.lowerBound]
                for row in rows.lowerBound...rows.upperBound { bytes.append(littleEndian: Int32(truncatingIfNeeded: offsets[row] - first)) }
                appendBuffer(bytes)
                append(elements, first..<offsets[rows.upperBound])
            case .structures(let fields, _): for field in fields { append(field.values, rows) }
            default: preconditionFailure("values that are not storable")
            }
        }
    }
}
