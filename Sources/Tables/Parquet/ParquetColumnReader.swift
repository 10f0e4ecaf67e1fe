/// Reads all values of a leaf: its pages, row group after row group.
struct ParquetColumnReader: Sendable {
    let file: FileBytes
    let leaf: ParquetSchema.Leaf
    let name: String

    /// What was read: values that are there, and for every place how deep it is defined and where it repeats.
    private(set) var values = ParquetValues()
    /// Empty where every value is there.
    private(set) var definitions: [UInt8] = []
    /// Empty where there are no lists.
    private(set) var repetitions: [UInt8] = []
    private(set) var count = 0

    init(_ file: FileBytes, _ leaf: ParquetSchema.Leaf, name: String) {
        (self.file, self.leaf, self.name) = (file, leaf, name)
    }

    private var what: String { "the values of column \"\(name)\"" }

    mutating func read(_ chunk: ParquetMetadata.ColumnChunk, rowCount: Int) throws {
        guard !chunk.isEncrypted else { throw Malformed("column \"\(name)\" is encrypted") }
        guard chunk.filePath == nil else {
            throw Malformed("column \"\(name)\" is in another file, \"\(chunk.filePath!)\"; only what the file holds is read")
        }
        guard chunk.valueCount >= rowCount, leaf.repetition > 0 || chunk.valueCount == rowCount else {
            throw Malformed("column \"\(name)\" has \(chunk.valueCount) values for \(rowCount) rows")
        }
        guard chunk.valueCount > 0 else { return }
        // Some writers have 0 for no dictionary.
        let start = chunk.dictionaryOffset.flatMap { $0 > 0 && $0 < chunk.dataOffset ? $0 : nil } ?? chunk.dataOffset
        guard start >= 4, chunk.size >= 0, start <= file.count, chunk.size <= file.count - start else {
            throw Malformed("column \"\(name)\" lies at \(start), with \(chunk.size) bytes, in a file of \(file.count)")
        }
        var dictionary: ParquetValues?
        var position = start
        let end = start + chunk.size, first = count
        while count - first < chunk.valueCount {
            // A header has few bytes, but for the statistics in it.
            var thrift = ThriftReader(ByteReader(file.bytes(position..<min(position + 1024, end)), what: "a page of column \"\(name)\""))
            let header: ParquetPageHeader
            do {
                header = try ParquetPageHeader(&thrift)
            } catch  where end - position > 1024 {
                thrift = ThriftReader(ByteReader(file.bytes(position..<min(position + 1 << 24, end)), what: "a page of column \"\(name)\""))
                header = try ParquetPageHeader(&thrift)
            }
            position += thrift.position
            guard header.compressedSize >= 0, header.compressedSize <= end - position, header.size >= 0 else {
                throw Malformed.end("a page of column \"\(name)\"")
            }
            let place = position..<position + header.compressedSize
            defer { file.release(place) }
            position = place.upperBound
            if let checksum = header.checksum, checksum != file.withBytes(place, { Codec.crc32($0) }) {
                throw Malformed("a page of column \"\(name)\" is damaged: its check sum is another")
            }
            switch header.kind {
            case .dictionary:
                guard dictionary == nil, count == first else {
                    throw Malformed("column \"\(name)\" has a dictionary where a page of data belongs")
                }
                dictionary = try readDictionary(header, place, chunk)
                dictionary!.firstText = values.texts.keep(dictionary!.texts)
            case .data: try readPage(header, place, chunk, dictionary, limit: chunk.valueCount - (count - first))
            case .dataV2: try readSecondForm(header, place, chunk, dictionary, limit: chunk.valueCount - (count - first))
            case .index, nil: break
            }
        }
        guard count - first == chunk.valueCount else { throw Malformed("column \"\(name)\" has more values than it tells of") }
    }

    private func decompressed(_ place: Range<Int>, size: Int, _ chunk: ParquetMetadata.ColumnChunk) throws(Malformed) -> [UInt8] {
        let codec: Codec
        switch chunk.codec {
        case 0:
            guard size == place.count else { throw Malformed("a page of column \"\(name)\" has \(place.count) bytes, expected \(size)") }
            return file.bytes(place)
        case 1: codec = .snappy
        case 2: codec = .gzip
        case 4: codec = .brotli
        case 5: return try hadoopBlocks(place, size: size)
        case 6: codec = .zstd
        case 7: codec = .lz4
        case let other:
            throw Malformed(
                "column \"\(name)\" is compressed by \(other == 3 ? "lzo" : "codec \(other)"); "
                    + "snappy, gzip, zstd, lz4 and brotli can be read")
        }
        return try Self.expand(codec, file, place, size: size, name)
    }

    private static func expand(_ codec: Codec, _ file: FileBytes, _ place: Range<Int>, size: Int, _ name: String) throws(Malformed)
        -> [UInt8]
    {
        do {
            return try file.withBytes(place) { try codec.decompress($0, size: size) }
        } catch {
            throw Malformed("a page of column \"\(name)\": \((error as? Malformed)?.problem ?? "\(error)")")
        }
    }

    /// LZ4 as older writers have it: blocks with both sizes before each, the most significant byte first; or one without.
    private func hadoopBlocks(_ place: Range<Int>, size: Int) throws(Malformed) -> [UInt8] {
        var output: [UInt8] = []
        var position = place.lowerBound
        func number(_ position: Int) -> Int { file.bytes(position..<position + 4).reduce(0) { $0 << 8 | Int($1) } }
        while output.count < size {
            guard place.upperBound - position >= 8 else { break }
            let expanded = number(position), packed = number(position + 4)
            guard expanded <= size - output.count, packed <= place.upperBound - position - 8,
                let part = try? Self.expand(.lz4, file, position + 8..<position + 8 + packed, size: expanded, name)
            else { break }
            output += part
            position += 8 + packed
        }
        if output.count == size, position == place.upperBound { return output }
        return try Self.expand(.lz4, file, place, size: size, name)
    }

    private func readDictionary(
        _ header: ParquetPageHeader, _ place: Range<Int>, _ chunk: ParquetMetadata.ColumnChunk
    ) throws(Malformed) -> ParquetValues {
        guard header.encoding == 0 || header.encoding == 2, leaf.physical != .boolean else {
            throw Malformed("the dictionary of column \"\(name)\" has the encoding \(header.encoding)")
        }
        guard header.valueCount >= 0 else { throw Malformed.end("the dictionary of column \"\(name)\"") }
        var reader = ByteReader(try decompressed(place, size: header.size, chunk), what: "the dictionary of column \"\(name)\"")
        var values = ParquetValues()
        try values.appendPlain(&reader, leaf, count: header.valueCount)
        return values
    }

    private mutating func readPage(
        _ header: ParquetPageHeader, _ place: Range<Int>, _ chunk: ParquetMetadata.ColumnChunk, _ dictionary: ParquetValues?, limit: Int
    ) throws(Malformed) {
        guard header.valueCount >= 0, header.valueCount <= limit else {
            throw Malformed("column \"\(name)\" has more values than it tells of")
        }
        var reader = ByteReader(try decompressed(place, size: header.size, chunk), what: what)
        if leaf.repetition > 0 {
            guard header.repetitionEncoding == 3 else { throw Self.levels(name) }
            try readLevels(reader.bytes, reader.section(), header.valueCount, leaf.repetition, into: \.repetitions)
        }
        if leaf.definition > 0 {
            guard header.definitionEncoding == 3 else { throw Self.levels(name) }
            try readLevels(reader.bytes, reader.section(), header.valueCount, leaf.definition, into: \.definitions)
        }
        try readValues(&reader, header, dictionary)
    }

    private static func levels(_ name: String) -> Malformed {
        Malformed("column \"\(name)\" has levels in the old encoding BIT_PACKED, which is not read; write the file anew")
    }

    private mutating func readSecondForm(
        _ header: ParquetPageHeader, _ place: Range<Int>, _ chunk: ParquetMetadata.ColumnChunk, _ dictionary: ParquetValues?, limit: Int
    ) throws(Malformed) {
        guard header.valueCount >= 0, header.valueCount <= limit else {
            throw Malformed("column \"\(name)\" has more values than it tells of")
        }
        guard header.repetitionSize >= 0, header.definitionSize >= 0, header.repetitionSize <= place.count,
            header.definitionSize <= place.count - header.repetitionSize
        else { throw Malformed.end("a page of column \"\(name)\"") }
        let levelSize = header.repetitionSize + header.definitionSize
        let levels = file.bytes(place.prefix(levelSize))
        if leaf.repetition > 0 {
            try readLevels(levels, 0..<header.repetitionSize, header.valueCount, leaf.repetition, into: \.repetitions)
        }
        if leaf.definition > 0 {
            try readLevels(levels, header.repetitionSize..<levelSize, header.valueCount, leaf.definition, into: \.definitions)
        }
        guard header.size >= levelSize else { throw Malformed.end("a page of column \"\(name)\"") }
        let rest = place.dropFirst(levelSize)
        let bytes =
            header.isCompressed && chunk.codec != 0 && header.size > levelSize
            ? try decompressed(rest, size: header.size - levelSize, chunk) : file.bytes(rest)
        var reader = ByteReader(bytes, what: what)
        try readValues(&reader, header, dictionary)
    }

    private mutating func readLevels(
        _ bytes: [UInt8], _ range: Range<Int>, _ number: Int, _ greatest: Int, into levels: WritableKeyPath<Self, [UInt8]>
    ) throws(Malformed) {
        let width = Int.bitWidth - greatest.leadingZeroBitCount
        self[keyPath: levels] += try BitPacking.hybrid(
            bytes, range, width: width, count: number, greatest: greatest, what: "the levels of column \"\(name)\"", as: UInt8.self)
    }

    /// Reads the values of a page whose levels have been read.
    private mutating func readValues(_ reader: inout ByteReader, _ header: ParquetPageHeader, _ dictionary: ParquetValues?)
        throws(Malformed)
    {
        let number =
            leaf.definition == 0
            ? header.valueCount : definitions[(definitions.count - header.valueCount)...].count { Int($0) == leaf.definition }
        count += header.valueCount
        guard number > 0 else { return }
        switch (header.encoding, leaf.physical) {
        case (0, _): try values.appendPlain(&reader, leaf, count: number)
        case (2, _), (8, _):
            guard let dictionary else { throw Malformed("column \"\(name)\" has no dictionary, but refers to one") }
            let width = Int(try reader.byte()), entries = dictionary.count(leaf)
            guard entries > 0 else { throw Malformed("the dictionary of column \"\(name)\" is empty") }
            let places = try BitPacking.hybrid(
                reader.bytes, reader.rest, width: width, count: number, greatest: entries - 1,
                what: "the places of column \"\(name)\" in its dictionary", as: Int32.self)
            values.append(dictionary, at: places)
        case (3, .boolean):
            let bits = try BitPacking.hybrid(
                reader.bytes, reader.section(), width: 1, count: number, greatest: 1, what: what, as: UInt8.self)
            values.booleans += bits.lazy.map { $0 == 1 }
        case (5, .int32), (5, .int64): try values.appendDeltas(&reader, leaf, count: number)
        case (6, .bytes): try values.appendDeltaLengths(&reader, leaf, count: number)
        case (7, .bytes), (7, .fixedBytes): try values.appendDeltaBytes(&reader, leaf, count: number)
        case (9, let physical) where physical != .boolean && physical != .bytes && physical != .int96:
            try values.appendByteStreams(&reader, leaf, count: number)
        case (let other, _): throw Malformed("column \"\(name)\" has values in the encoding \(other), which is not read")
        }
    }
}
