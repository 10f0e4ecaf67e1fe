/// Writes Parquet: plain values, compressed by snappy, with check sums; lists as lists, objects as groups.
enum ParquetWriter {
    private static let rowsPerGroup = 100_000, rowsPerPage = 10_000

    /// A column of values, as the schema has it, and what lists and nulls there are around it.
    private struct Leaf {
        let path: [String]
        let values: FileValues
        let isInList: Bool
        var repetitions: [UInt8] = []
        var definitions: [UInt8] = []
        /// Of the values that are there.
        var places: [Int] = []
        /// Where each row begins, among levels and among places.
        var rowStarts: [(level: Int, place: Int)] = []
    }

    private struct Chunk {
        let type: Int
        let path: [String]
        let valueCount: Int, size: Int, plainSize: Int, offset: Int
    }

    static func write(_ columns: [FileColumn], to file: inout FileWriter) throws {
        let columns = columns.map { (name: $0.name, values: $0.values.storable) }
        let rowCount = columns.first?.values.count ?? 0
        try file.append(Array("PAR1".utf8))
        var groups: [(chunks: [Chunk], rowCount: Int)] = []
        for start in stride(from: 0, to: rowCount, by: rowsPerGroup) {
            let rows = start..<min(start + rowsPerGroup, rowCount)
            var chunks: [Chunk] = []
            for column in columns {
                for leaf in leaves(column.name, column.values, rows) { chunks.append(try write(leaf, rowCount: rows.count, to: &file)) }
            }
            groups.append((chunks, rows.count))
        }
        var footer = ThriftWriter()
        footer.element { footer in
            footer.int32(1, 1)
            var elements: [Element] = [Element(name: "schema", childCount: columns.count)]
            for column in columns { append(column.name, column.values, to: &elements) }
            footer.list(2, elements) { $0.write(to: &$1) }
            footer.int64(3, rowCount)
            footer.list(4, groups) { group, thrift in
                thrift.list(1, group.chunks) { chunk, thrift in
                    thrift.int64(2, chunk.offset)
                    thrift.structure(3) { thrift in
                        thrift.int32(1, chunk.type)
                        thrift.integers(2, [0, 3])
                        thrift.texts(3, chunk.path)
                        thrift.int32(4, 1)
                        thrift.int64(5, chunk.valueCount)
                        thrift.int64(6, chunk.plainSize)
                        thrift.int64(7, chunk.size)
                        thrift.int64(9, chunk.offset)
                    }
                }
                thrift.int64(2, group.chunks.reduce(0) { $0 + $1.plainSize })
                thrift.int64(3, group.rowCount)
            }
            footer.text(6, "Tapestry")
        }
        var end = footer.bytes
        end.append(littleEndian: UInt32(footer.bytes.count))
        try file.append(end + "PAR1".utf8)
    }

    // MARK: Schema

    private struct Element {
        var name: String
        var type: Int?
        /// 1: may be null; 2: repeated; nil: the root.
        var repetition: Int?
        var childCount = 0
        var isList = false, isText = false

        func write(to thrift: inout ThriftWriter) {
            if let type { thrift.int32(1, type) }
            if let repetition { thrift.int32(3, repetition) }
            thrift.text(4, name)
            if childCount > 0 { thrift.int32(5, childCount) }
            if isText { thrift.int32(6, 0) }
            if isList { thrift.int32(6, 3) }
            if isText { thrift.structure(10) { $0.structure(1) { _ in } } }
            if isList { thrift.structure(10) { $0.structure(3) { _ in } } }
        }
    }

    private static func append(_ name: String, _ values: FileValues, to elements: inout [Element]) {
        switch values.content {
        case .lists(_, let inner):
            elements.append(Element(name: name, repetition: 1, childCount: 1, isList: true))
            elements.append(Element(name: "list", repetition: 2, childCount: 1))
            append("element", inner, to: &elements)
        case .structures(let fields, _):
            elements.append(Element(name: name, repetition: 1, childCount: fields.count))
            for field in fields { append(field.name, field.values, to: &elements) }
        default:
            let type = type(values)
            elements.append(Element(name: name, type: type, repetition: 1, isText: type == 6))
        }
    }

    private static func type(_ values: FileValues) -> Int {
        switch values.content {
        case .booleans: 0
        case .integers: 2
        case .reals: 5
        default: 6
        }
    }

    // MARK: Levels

    private static func leaves(_ name: String, _ values: FileValues, _ rows: Range<Int>) -> [Leaf] {
        var leaves: [Leaf] = []
        collect([name], values, into: &leaves)
        for row in rows {
            for index in leaves.indices { leaves[index].rowStarts.append((leaves[index].definitions.count, leaves[index].places.count)) }
            var next = 0
            shred(values, row, repetition: 0, definition: 0, depth: 0, into: &leaves, &next)
        }
        for index in leaves.indices { leaves[index].rowStarts.append((leaves[index].definitions.count, leaves[index].places.count)) }
        return leaves
    }

    private static func collect(_ path: [String], _ values: FileValues, isInList: Bool = false, into leaves: inout [Leaf]) {
        switch values.content {
        case .lists(_, let elements): collect(path + ["list", "element"], elements, isInList: true, into: &leaves)
        case .structures(let fields, _):
            for field in fields { collect(path + [field.name], field.values, isInList: isInList, into: &leaves) }
        default: leaves.append(Leaf(path: path, values: values, isInList: isInList))
        }
    }

    private static func leafCount(_ values: FileValues) -> Int {
        switch values.content {
        case .lists(_, let elements): leafCount(elements)
        case .structures(let fields, _): fields.reduce(0) { $0 + leafCount($1.values) }
        default: 1
        }
    }

    /// Adds a value to its leaves, each of which gets at least one place.
    private static func shred(
        _ values: FileValues, _ index: Int, repetition: Int, definition: Int, depth: Int, into leaves: inout [Leaf], _ next: inout Int
    ) {
        func absent(_ definition: Int) {
            for _ in 0..<leafCount(values) {
                leaves[next].repetitions.append(UInt8(repetition))
                leaves[next].definitions.append(UInt8(definition))
                next += 1
            }
        }
        guard !values.isNull(index) else { return absent(definition) }
        switch values.content {
        case .lists(let offsets, let elements):
            let range = offsets[index]..<offsets[index + 1]
            guard !range.isEmpty else { return absent(definition + 1) }
            let first = next
            for element in range {
                next = first
                shred(
                    elements, element, repetition: element == range.lowerBound ? repetition : depth + 1, definition: definition + 2,
                    depth: depth + 1, into: &leaves, &next)
            }
        case .structures(let fields, _):
            for field in fields {
                shred(field.values, index, repetition: repetition, definition: definition + 1, depth: depth, into: &leaves, &next)
            }
        default:
            leaves[next].repetitions.append(UInt8(repetition))
            leaves[next].definitions.append(UInt8(definition + 1))
            leaves[next].places.append(index)
            next += 1
        }
    }

    // MARK: Pages

    private static func write(_ leaf: Leaf, rowCount: Int, to file: inout FileWriter) throws -> Chunk {
        let offset = file.count
        var plainSize = 0
        for start in stride(from: 0, to: rowCount, by: rowsPerPage) {
            let end = min(start + rowsPerPage, rowCount)
            let levels = leaf.rowStarts[start].level..<leaf.rowStarts[end].level
            var page: [UInt8] = []
            func appendLevels(_ levels: ArraySlice<UInt8>) {
                var writer = ThriftWriter()
                writer.levels(levels)
                page.append(littleEndian: UInt32(writer.bytes.count))
                page += writer.bytes
            }
            if leaf.isInList { appendLevels(leaf.repetitions[levels]) }
            appendLevels(leaf.definitions[levels])
            append(leaf.values, leaf.places[leaf.rowStarts[start].place..<leaf.rowStarts[end].place], to: &page)
            guard page.count <= Int32.max else {
                throw DatasetError("\(end - start) rows of column \"\(leaf.path[0])\" are more than a page of Parquet holds")
            }
            let packed = Codec.snappy.compress(page)
            var header = ThriftWriter()
            header.element { header in
                header.int32(1, 0)
                header.int32(2, page.count)
                header.int32(3, packed.count)
                header.int32(4, Int(Int32(bitPattern: Codec.crc32(packed))))
                header.structure(5) { header in
                    header.int32(1, levels.count)
                    header.int32(2, 0)
                    header.int32(3, 3)
                    header.int32(4, 3)
                }
            }
            plainSize += header.bytes.count + page.count
            try file.append(header.bytes)
            try file.append(packed)
        }
        return Chunk(
            type: type(leaf.values), path: leaf.path, valueCount: leaf.definitions.count, size: file.count - offset, plainSize: plainSize,
            offset: offset)
    }

    private static func append(_ values: FileValues, _ places: ArraySlice<Int>, to page: inout [UInt8]) {
        switch values.content {
        case .texts(let texts):
            for place in places {
                page.append(littleEndian: UInt32(texts.utf8Count(place)))
                texts.withUTF8(place) { page += $0 }
            }
        case .integers(let integers): for place in places { page.append(littleEndian: integers[place]) }
        case .reals(let reals): for place in places { page.append(littleEndian: reals[place].bitPattern) }
        case .booleans(let truths):
            var bits = [UInt8](repeating: 0, count: (places.count + 7) / 8)
            for (index, place) in places.enumerated() where truths[place] { bits[index / 8] |= 1 << (index % 8) }
            page += bits
        default: preconditionFailure("values that are not storable")
        }
    }
}
