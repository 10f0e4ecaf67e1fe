/// Some rows of all columns: buffers one after another, in the order of the columns.
struct ArrowBatch {
    let rowCount: Int
    private let file: FileBytes
    private let body: Range<Int>
    private let dictionaries: [Int: FileValues]
    private var nodes: ArraySlice<[Int]>, buffers: ArraySlice<[Int]>, variadicCounts: ArraySlice<[Int]>
    private let codec: Codec?
    /// No part of a batch has more values: what has no bytes is not believed without end.
    private let limit: Int

    init(_ file: FileBytes, _ table: FlatTable, _ body: Range<Int>, _ dictionaries: [Int: FileValues]) throws(Malformed) {
        (self.file, self.body, self.dictionaries) = (file, body, dictionaries)
        limit = 8 * file.count + 1 << 20
        rowCount = try table.integer(0, Int.self)
        nodes = try table.structures(1, words: 2)[...]
        buffers = try table.structures(2, words: 2)[...]
        variadicCounts = try table.structures(4, words: 1)[...]
        if let compression = try table.table(3) {
            switch try compression.integer(0, Int8.self) {
            case 0: codec = .lz4Frame
            case 1: codec = .zstd
            case let other: throw Malformed("the buffers are compressed by codec \(other); lz4 and zstd can be read")
            }
        } else {
            codec = nil
        }
        guard rowCount >= 0, rowCount <= limit else { throw Malformed("a batch tells of \(rowCount) rows") }
    }

    // MARK: Buffers

    private mutating func node(_ field: ArrowField) throws(Malformed) -> (count: Int, nullCount: Int) {
        guard let node = nodes.popFirst() else { throw Malformed("a batch has fewer columns than the schema") }
        guard node[0] >= 0, node[0] <= limit, node[1] >= 0, node[1] <= node[0] else {
            throw Malformed("column \"\(field.name)\" has \(node[0]) values, \(node[1]) of them null")
        }
        return (node[0], node[1])
    }

    private mutating func skipBuffer() throws(Malformed) {
        guard buffers.popFirst() != nil else { throw Malformed("a batch has fewer buffers than its columns need") }
    }

    private mutating func buffer(_ field: ArrowField, atLeast size: Int) throws(Malformed) -> [UInt8] {
        guard let buffer = buffers.popFirst() else { throw Malformed("a batch has fewer buffers than its columns need") }
        guard buffer[0] >= 0, buffer[1] >= 0, buffer[0] <= body.count, buffer[1] <= body.count - buffer[0] else {
            throw Malformed("a buffer of column \"\(field.name)\" lies outside of its batch")
        }
        let place = body.lowerBound + buffer[0]..<body.lowerBound + buffer[0] + buffer[1]
        let bytes: [UInt8]
        if let codec, !place.isEmpty {
            guard place.count >= 8 else { throw Malformed.end("a buffer of column \"\(field.name)\"") }
            let declared = file.bytes(place.prefix(8)).load(Int.self, at: 0), rest = place.dropFirst(8)
            if declared == -1 {
                bytes = file.bytes(rest)
            } else {
                do {
                    bytes = try file.withBytes(rest) { try codec.decompress($0, size: declared) }
                } catch {
                    throw Malformed("a buffer of column \"\(field.name)\": \((error as? Malformed)?.problem ?? "\(error)")")
                }
            }
        } else {
            bytes = file.bytes(place)
        }
        guard bytes.count >= size else {
            throw Malformed("a buffer of column \"\(field.name)\" has \(bytes.count) bytes, expected \(size)")
        }
        return bytes
    }

    private mutating func nulls(_ field: ArrowField, _ node: (count: Int, nullCount: Int)) throws(Malformed) -> [Bool]? {
        let bits = try buffer(field, atLeast: 0)
        guard node.nullCount > 0 else { return nil }
        guard bits.count >= (node.count + 7) / 8 else { throw Malformed.end("the buffer of nulls of column \"\(field.name)\"") }
        return (0..<node.count).map { bits[$0 >> 3] >> ($0 & 7) & 1 == 0 }
    }

    /// Passes over a column.
    mutating func skip(_ field: ArrowField) throws(Malformed) {
        _ = try node(field)
        var count = 0, children = field.dictionary == nil ? field.children : []
        switch field.kind {
        case _ where field.dictionary != nil: count = 2
        case .null, .runs: count = 0
        case .boolean, .integer, .real, .fixedBytes, .decimal, .spelled, .list: count = 2
        case .text, .bytes, .listView: count = 3
        case .fixedList, .structure: count = 1
        case .textView, .bytesView: count = 2 + (try variadicCount(field))
        case .other(let buffers): count = buffers
        }
        for _ in 0..<count { try skipBuffer() }
        while let child = children.first {
            try skip(child)
            children.removeFirst()
        }
    }

    private mutating func variadicCount(_ field: ArrowField) throws(Malformed) -> Int {
        guard let count = variadicCounts.popFirst()?[0], count >= 0, count <= buffers.count else {
            throw Malformed("column \"\(field.name)\" has an unknown number of buffers")
        }
        return count
    }

    // MARK: Values

    mutating func readColumn(_ field: ArrowField) throws(Malformed) -> FileValues { try read(field, count: rowCount) }

    /// - Parameter count: How many values there have to be.
    mutating func read(_ field: ArrowField, count: Int) throws(Malformed) -> FileValues {
        let values = try values(field)
        guard values.count >= count else { throw Malformed("column \"\(field.name)\" has \(values.count) values, expected \(count)") }
        return values.count == count ? values : values.selecting(Array(0..<count))
    }

    private mutating func values(_ field: ArrowField) throws(Malformed) -> FileValues {
        let node = try node(field), count = node.count
        if let dictionary = field.dictionary { return try encoded(field, node, dictionary) }
        switch field.kind {
        case .null: return FileValues(.none(count: count))
        case .boolean:
            let nulls = try nulls(field, node), bits = try buffer(field, atLeast: (count + 7) / 8)
            return FileValues(.booleans((0..<count).map { bits[$0 >> 3] >> ($0 & 7) & 1 == 1 }), nulls: nulls)
        case .integer(let bits, let isSigned):
            let nulls = try nulls(field, node)
            let numbers = try integers(field, bits: bits, isSigned: isSigned, count: count)
            if bits == 64, !isSigned, numbers.contains(where: { $0 < 0 }) {
                return FileValues(.decimals(numbers.map { "\(UInt(bitPattern: $0))" }), nulls: nulls)
            }
            return FileValues(.integers(numbers), nulls: nulls)
        case .real(let bits):
            let nulls = try nulls(field, node), bytes = try buffer(field, atLeast: count * bits / 8)
            switch bits {
            case 16: return FileValues(.reals(bytes.loadAll(UInt16.self, at: 0, count: count).map(Spelling.float16)), nulls: nulls)
            case 32: return FileValues(.reals(bytes.loadAll(Float.self, at: 0, count: count).map { Double($0) }), nulls: nulls)
            default: return FileValues(.reals(bytes.loadAll(Double.self, at: 0, count: count)), nulls: nulls)
            }
        case .spelled(let bits, let kind, let spell):
            let nulls = try nulls(field, node)
            return FileValues(.others(try integers(field, bits: bits, isSigned: true, count: count).map(spell), kind: kind), nulls: nulls)
        case .decimal(let bits, let scale):
            let nulls = try nulls(field, node), width = bits / 8, bytes = try buffer(field, atLeast: count * width)
            let digits = (0..<count).map { Spelling.integer(bytes[$0 * width..<($0 + 1) * width].reversed()) }
            return FileValues(.decimals(digits.map { Spelling.decimal($0, scale: scale) }), nulls: nulls)
        case .text(let isLarge):
            let nulls = try nulls(field, node)
            let offsets = try offsets(field, isLarge: isLarge, count: count)
            let bytes = try buffer(field, atLeast: offsets.last!)
            var texts = TextBuilder()
            try texts.append(bytes, offsets: offsets, what: "the values of column \"\(field.name)\"")
            return FileValues(.texts(texts.column), nulls: nulls)
        case .bytes(let isLarge):
            let nulls = try nulls(field, node)
            let offsets = try offsets(field, isLarge: isLarge, count: count)
            let bytes = try buffer(field, atLeast: offsets.last!)
            return FileValues(
                .others((0..<count).map { Spelling.base64(Array(bytes[offsets[$0]..<offsets[$0 + 1]])) }, kind: "bytes"), nulls: nulls)
        case .fixedBytes(let width):
            let nulls = try nulls(field, node), bytes = try buffer(field, atLeast: count * width)
            return FileValues(
                .others((0..<count).map { Spelling.base64(Array(bytes[$0 * width..<($0 + 1) * width])) }, kind: "bytes"), nulls: nulls)
        case .textView:
            let nulls = try nulls(field, node), (bytes, places) = try views(field, count: count)
            var texts = TextBuilder()
            for (buffer, range) in places {
                try texts.append(
                    bytes[buffer], offsets: [range.lowerBound, range.upperBound], what: "the values of column \"\(field.name)\"")
            }
            return FileValues(.texts(texts.column), nulls: nulls)
        case .bytesView:
            let nulls = try nulls(field, node), (bytes, places) = try views(field, count: count)
            return FileValues(.others(places.map { Spelling.base64(Array(bytes[$0.buffer][$0.range])) }, kind: "bytes"), nulls: nulls)
        case .list(let isLarge):
            let nulls = try nulls(field, node)
            let offsets = try offsets(field, isLarge: isLarge, count: count)
            let elements = try read(field.children[0], count: offsets.last!)
            return FileValues(.lists(offsets: offsets, elements), nulls: nulls)
        case .fixedList(let size):
            let nulls = try nulls(field, node)
            guard size == 0 || count <= limit / size else { throw Malformed("column \"\(field.name)\" has \(count) lists of \(size)") }
            return FileValues(
                .lists(offsets: (0...count).map { $0 * size }, try read(field.children[0], count: count * size)), nulls: nulls)
        case .listView(let isLarge):
            let nulls = try nulls(field, node), bits = isLarge ? 64 : 32
            let starts = try integers(field, bits: bits, isSigned: true, count: count)
            let sizes = try integers(field, bits: bits, isSigned: true, count: count)
            let elements = try values(field.children[0])
            var offsets = [0], places: [Int] = []
            for (index, start) in starts.enumerated() {
                let size = nulls?[index] == true ? 0 : sizes[index]
                guard size >= 0, size == 0 || (start >= 0 && start <= elements.count && size <= elements.count - start),
                    places.count + size <= limit
                else { throw Malformed("a list of column \"\(field.name)\" lies outside of its elements") }
                places += size == 0 ? 0..<0 : start..<start + size
                offsets.append(places.count)
            }
            return FileValues(.lists(offsets: offsets, elements.selecting(places)), nulls: nulls)
        case .structure:
            let nulls = try nulls(field, node)
            var parts: [(name: String, values: FileValues)] = []
            for child in field.children { parts.append((child.name, try read(child, count: count))) }
            return FileValues(.structures(parts, count: count), nulls: nulls)
        case .runs: return try runs(field, count: count)
        case .other:
            throw Malformed("column \"\(field.name)\" holds values of type \(field.type), which are not read; choose other columns")
        }
    }

    private mutating func integers(_ field: ArrowField, bits: Int, isSigned: Bool, count: Int) throws(Malformed) -> [Int] {
        let bytes = try buffer(field, atLeast: count * bits / 8)
        func load<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) -> [Int] {
            bytes.loadAll(type, at: 0, count: count).map { Int(truncatingIfNeeded: $0) }
        }
        switch (bits, isSigned) {
        case (8, true): return load(Int8.self)
        case (8, false): return load(UInt8.self)
        case (16, true): return load(Int16.self)
        case (16, false): return load(UInt16.self)
        case (32, true): return load(Int32.self)
        case (32, false): return load(UInt32.self)
        default: return bytes.loadAll(Int.self, at: 0, count: count)
        }
    }

    /// Ascending, from a place that is not negative on.
    private mutating func offsets(_ field: ArrowField, isLarge: Bool, count: Int) throws(Malformed) -> [Int] {
        // No values may have no offsets at all.
        if count == 0 {
            try skipBuffer()
            return [0]
        }
        let offsets = try integers(field, bits: isLarge ? 64 : 32, isSigned: true, count: count + 1)
        var last = 0
        for offset in offsets {
            guard offset >= last else { throw Malformed("the offsets of column \"\(field.name)\" do not ascend from zero") }
            last = offset
        }
        return offsets
    }

    /// Where each value lies: in the views themselves, the first buffer, or in one of the others.
    private mutating func views(_ field: ArrowField, count: Int) throws(Malformed) -> ([[UInt8]], [(buffer: Int, range: Range<Int>)]) {
        var bytes = [try buffer(field, atLeast: count * 16)]
        for _ in 0..<(try variadicCount(field)) { bytes.append(try buffer(field, atLeast: 0)) }
        var places: [(buffer: Int, range: Range<Int>)] = []
        places.reserveCapacity(count)
        for index in 0..<count {
            let size = Int(bytes[0].load(Int32.self, at: index * 16))
            guard size >= 0 else { throw Malformed("a value of column \"\(field.name)\" has \(size) bytes") }
            if size <= 12 {
                places.append((0, index * 16 + 4..<index * 16 + 4 + size))
            } else {
                let buffer = Int(bytes[0].load(Int32.self, at: index * 16 + 8)), start = Int(bytes[0].load(Int32.self, at: index * 16 + 12))
                guard buffer >= 0, buffer + 1 < bytes.count, start >= 0, start + size <= bytes[buffer + 1].count else {
                    throw Malformed("a value of column \"\(field.name)\" lies outside of its buffers")
                }
                places.append((buffer + 1, start..<start + size))
            }
        }
        return (bytes, places)
    }

    private mutating func encoded(
        _ field: ArrowField, _ node: (count: Int, nullCount: Int), _ dictionary: (id: Int, bits: Int, isSigned: Bool)
    ) throws(Malformed) -> FileValues {
        let nulls = try nulls(field, node)
        var places = try integers(field, bits: dictionary.bits, isSigned: dictionary.isSigned, count: node.count)
        guard let values = dictionaries[dictionary.id] else { throw Malformed("column \"\(field.name)\" has no dictionary") }
        if let nulls { for index in places.indices where nulls[index] { places[index] = 0 } }
        if values.count == 0, nulls?.allSatisfy({ $0 }) ?? places.isEmpty { return FileValues(.none(count: node.count)) }
        guard places.allSatisfy({ $0 >= 0 && $0 < values.count }) else {
            throw Malformed("column \"\(field.name)\" refers to places outside of its dictionary of \(values.count)")
        }
        let picked = values.selecting(places)
        guard let nulls else { return picked }
        return FileValues(picked.content, nulls: nulls.indices.map { nulls[$0] || picked.isNull($0) })
    }

    /// Values of which each stands for all up to a place.
    private mutating func runs(_ field: ArrowField, count: Int) throws(Malformed) -> FileValues {
        guard case .integers(let ends) = try values(field.children[0]).content else {
            throw Malformed("the column \"\(field.name)\" of runs has ends that are no integers")
        }
        let values = try read(field.children[1], count: ends.count)
        var places: [Int] = []
        for (index, end) in ends.enumerated() where places.count < count {
            guard end > places.count else { throw Malformed("the runs of column \"\(field.name)\" do not ascend") }
            places += repeatElement(index, count: min(end, count) - places.count)
        }
        guard places.count == count else {
            throw Malformed("the runs of column \"\(field.name)\" end at \(places.count), expected \(count)")
        }
        return values.selecting(places)
    }
}
