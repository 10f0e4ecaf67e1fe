/// The values of a leaf that are there, nulls left out, as their bytes are read.
struct ParquetValues: Sendable {
    var texts = TextBuilder()
    /// Of a dictionary, where its texts begin among those that `keep` has moved.
    var firstText = 0
    var integers: [Int] = []
    var reals: [Double] = []
    var booleans: [Bool] = []
    var bytes: [[UInt8]] = []

    mutating func append(_ others: ParquetValues, at places: [Int32]) {
        if others.texts.count > 0 { texts.append(places: places.lazy.map { Int($0) }, from: others.firstText) }
        if !others.integers.isEmpty { for place in places { integers.append(others.integers[Int(place)]) } }
        if !others.reals.isEmpty { for place in places { reals.append(others.reals[Int(place)]) } }
        if !others.bytes.isEmpty { for place in places { bytes.append(others.bytes[Int(place)]) } }
    }

    func count(_ leaf: ParquetSchema.Leaf) -> Int {
        switch leaf.physical {
        case .boolean: booleans.count
        case .int32, .int64: integers.count
        case .float, .double: reals.count
        case .bytes where leaf.logical == .text: texts.count
        case .int96, .bytes, .fixedBytes: bytes.count
        }
    }

    // MARK: Encodings

    /// Appends values that stand one after another.
    mutating func appendPlain(_ reader: inout ByteReader, _ leaf: ParquetSchema.Leaf, count: Int) throws(Malformed) {
        switch leaf.physical {
        case .boolean:
            let range = try reader.take((count + 7) / 8)
            booleans.reserveCapacity(booleans.count + count)
            for index in 0..<count { booleans.append(reader.bytes[range.lowerBound + index / 8] >> (index % 8) & 1 == 1) }
        case .bytes where leaf.logical == .text:
            try appendTexts(&reader, count: count)
        case .bytes:
            for _ in 0..<count { bytes.append(Array(reader.bytes[try reader.section()])) }
        default:
            guard count <= reader.left / leaf.width else { throw .end(reader.what) }
            let range = try reader.take(count * leaf.width)
            appendFixed(reader.bytes, range, leaf, count: count)
        }
    }

    private mutating func appendTexts(_ reader: inout ByteReader, count: Int) throws(Malformed) {
        guard let end = try texts.appendPrefixed(reader.bytes, reader.rest, count: count, what: reader.what) else {
            throw .end(reader.what)
        }
        _ = try reader.take(end - reader.position)
    }

    /// Appends values of one width, of which there are enough bytes.
    mutating func appendFixed(_ source: [UInt8], _ range: Range<Int>, _ leaf: ParquetSchema.Leaf, count: Int) {
        switch leaf.physical {
        case .int32: integers += source.loadAll(Int32.self, at: range.lowerBound, count: count).lazy.map { Int($0) }
        case .int64: integers += source.loadAll(Int.self, at: range.lowerBound, count: count)
        case .float: reals += source.loadAll(Float.self, at: range.lowerBound, count: count).lazy.map { Double($0) }
        case .double: reals += source.loadAll(Double.self, at: range.lowerBound, count: count)
        default:
            for index in 0..<count {
                let start = range.lowerBound + index * leaf.width
                bytes.append(Array(source[start..<start + leaf.width]))
            }
        }
    }

    /// Differences of neighbors.
    mutating func appendDeltas(_ reader: inout ByteReader, _ leaf: ParquetSchema.Leaf, count: Int) throws(Malformed) {
        let numbers = try BitPacking.deltas(&reader, count: count)
        integers += leaf.physical == .int32 ? numbers.map { Int(Int32(truncatingIfNeeded: $0)) } : numbers
    }

    /// All lengths, then all bytes.
    mutating func appendDeltaLengths(_ reader: inout ByteReader, _ leaf: ParquetSchema.Leaf, count: Int) throws(Malformed) {
        let lengths = try BitPacking.deltas(&reader, count: count)
        if leaf.logical == .text, leaf.physical == .bytes {
            var offsets = [reader.position]
            for length in lengths { offsets.append(try reader.take(length).upperBound) }
            return try texts.append(reader.bytes, offsets: offsets, what: reader.what)
        }
        for length in lengths { try append(Array(reader.bytes[try reader.take(length)]), leaf) }
    }

    /// How much each value has in common with the one before, then what follows.
    mutating func appendDeltaBytes(_ reader: inout ByteReader, _ leaf: ParquetSchema.Leaf, count: Int) throws(Malformed) {
        let prefixes = try BitPacking.deltas(&reader, count: count)
        let lengths = try BitPacking.deltas(&reader, count: count)
        let isText = leaf.logical == .text && leaf.physical == .bytes
        var last: [UInt8] = []
        for (index, length) in lengths.enumerated() {
            let range = try reader.take(length), prefix = prefixes[index]
            guard prefix >= 0, prefix <= last.count else {
                throw Malformed("\(reader.what) hold a value that begins with \(prefix) bytes of one of \(last.count)")
            }
            if index > 0, prefix == last.count, length == 0 {
                // The same again: it is shared.
                if isText { texts.repeatLast() } else { bytes.append(bytes[bytes.count - 1]) }
                continue
            }
            last.removeSubrange(prefix...)
            last += reader.bytes[range]
            if isText {
                try texts.append(last, offsets: [0, last.count], what: reader.what)
            } else {
                try append(last, leaf)
            }
        }
    }

    /// The first bytes of all values, then the second ones, and so on.
    mutating func appendByteStreams(_ reader: inout ByteReader, _ leaf: ParquetSchema.Leaf, count: Int) throws(Malformed) {
        guard count <= reader.left / leaf.width else { throw .end(reader.what) }
        let range = try reader.take(count * leaf.width)
        var joined = [UInt8](repeating: 0, count: range.count)
        for place in 0..<leaf.width {
            let stream = range.lowerBound + place * count
            for index in 0..<count { joined[index * leaf.width + place] = reader.bytes[stream + index] }
        }
        appendFixed(joined, 0..<joined.count, leaf, count: count)
    }

    private mutating func append(_ value: [UInt8], _ leaf: ParquetSchema.Leaf) throws(Malformed) {
        guard leaf.physical != .fixedBytes || value.count == leaf.width else {
            throw Malformed("a value has \(value.count) bytes, expected \(leaf.width)")
        }
        bytes.append(value)
    }

    // MARK: What they mean

    /// The values as a table has them, with a place for each null.
    ///
    /// - Parameter nulls: For each value whether it is null; nil: none is.
    func content(_ leaf: ParquetSchema.Leaf, nulls: [Bool]?) -> FileValues {
        func spread<Value>(_ values: [Value], _ filler: Value) -> [Value] {
            guard let nulls else { return values }
            var next = 0
            return nulls.map { isNull in
                if isNull { return filler }
                next += 1
                return values[next - 1]
            }
        }
        func others(_ values: [String], _ kind: String) -> FileValues { FileValues(.others(spread(values, ""), kind: kind), nulls: nulls) }
        switch leaf.logical {
        case .text: return FileValues(.texts(texts.column.spread(nulls)), nulls: nulls)
        case .boolean: return FileValues(.booleans(spread(booleans, false)), nulls: nulls)
        case .integer: return FileValues(.integers(spread(integers, 0)), nulls: nulls)
        case .real: return FileValues(.reals(spread(reals, 0)), nulls: nulls)
        case .float16:
            return FileValues(.reals(spread(bytes.map { Spelling.float16(UInt16($0[0]) | UInt16($0[1]) << 8) }, 0)), nulls: nulls)
        case .unsigned(bits: 32):
            return FileValues(.integers(spread(integers.map { Int(UInt32(truncatingIfNeeded: $0)) }, 0)), nulls: nulls)
        case .unsigned:
            guard integers.contains(where: { $0 < 0 }) else { return FileValues(.integers(spread(integers, 0)), nulls: nulls) }
            return FileValues(.decimals(spread(integers.map { "\(UInt(bitPattern: $0))" }, "0")), nulls: nulls)
        case .decimal(let scale):
            let digits =
                leaf.physical == .int32 || leaf.physical == .int64 ? integers.map { "\($0)" } : bytes.map(Spelling.integer)
            return FileValues(.decimals(spread(digits.map { Spelling.decimal($0, scale: scale) }, "0")), nulls: nulls)
        case .date: return others(integers.map(Spelling.date), "dates")
        case .time(let unit): return others(integers.map { Spelling.time($0, perSecond: unit.perSecond) }, "times")
        case .timestamp where leaf.physical == .int96:
            return others(
                bytes.map { value in
                    let nanoseconds = value.load(Int.self, at: 0), day = Int(value.load(UInt32.self, at: 8)) - 2_440_588
                    return Spelling.date(day) + "T" + Spelling.time(nanoseconds, perSecond: 1_000_000_000)
                }, "points in time")
        case .timestamp(let unit): return others(integers.map { Spelling.timestamp($0, perSecond: unit.perSecond) }, "points in time")
        case .uuid: return others(bytes.map(Spelling.uuid), "UUIDs")
        case .bytes: return others(bytes.map(Spelling.base64), "bytes")
        case .unknown: return FileValues(.none(count: nulls?.count ?? count(leaf)))
        }
    }
}

extension ParquetMetadata.Unit {
    var perSecond: Int { [1: 1000, 2: 1_000_000, 3: 1_000_000_000][rawValue]! }
}
