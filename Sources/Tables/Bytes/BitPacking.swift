/// Numbers of few bits each, as Parquet packs them.
enum BitPacking {
    /// Appends numbers of `width` bits, from the least significant bit of the first byte on. Where the bytes end too early, zeros follow.
    static func unpack<Number: FixedWidthInteger>(
        _ bytes: [UInt8], _ range: Range<Int>, width: Int, count: Int, into numbers: inout [Number]
    ) {
        guard width > 0 else {
            numbers.append(contentsOf: repeatElement(0, count: count))
            return
        }
        // A number and what remains of the byte before it have to fit.
        if width <= 56 {
            unpack(bytes, range, width: width, count: count, waiting: UInt64(0), into: &numbers)
        } else {
            unpack(bytes, range, width: width, count: count, waiting: UInt128(0), into: &numbers)
        }
    }

    /// - Parameter waiting: Zero, of the type in which bits wait until there are enough of them.
    @inline(__always)
    private static func unpack<Number: FixedWidthInteger, Word: FixedWidthInteger>(
        _ bytes: [UInt8], _ range: Range<Int>, width: Int, count: Int, waiting: Word, into numbers: inout [Number]
    ) {
        var waiting = waiting, bits = 0, position = range.lowerBound
        let mask = (1 as Word) << Word(width) - 1
        for _ in 0..<count {
            while bits < width {
                if position < range.upperBound { waiting |= Word(bytes[position]) << Word(bits) }
                position += 1
                bits += 8
            }
            numbers.append(Number(truncatingIfNeeded: waiting & mask))
            waiting >>= Word(width)
            bits -= width
        }
    }

    /// Runs of one number, and packed numbers: Parquet's `RLE`.
    ///
    /// - Throws: `Malformed` unless there are `count` numbers, each at most `greatest`.
    static func hybrid<Number: FixedWidthInteger>(
        _ bytes: [UInt8], _ range: Range<Int>, width: Int, count: Int, greatest: Int, what: String, as type: Number.Type
    ) throws(Malformed) -> [Number] {
        guard width <= 32 else { throw Malformed("\(what) have \(width) bits each, at most 32 are possible") }
        var numbers: [Number] = []
        var reader = ByteReader(bytes, range, what: what)
        while numbers.count < count {
            let header = try reader.varint(), left = count - numbers.count
            if header & 1 == 1 {
                // Padded to eights, so that there may be more than are wanted.
                let groups = Int(clamping: header >> 1)
                guard groups > 0, width == 0 || groups <= reader.left / width + 1 else { throw .end(what) }
                let place = try reader.take(min(width * groups, reader.left))
                let packed = width == 0 ? left : min(left, place.count * 8 / width)
                let number = min(packed, groups > left / 8 ? left : groups * 8)
                guard number > 0 else { throw .end(what) }
                unpack(bytes, place, width: width, count: number, into: &numbers)
                let start = numbers.count - number
                guard numbers[start...].allSatisfy({ Int($0) <= greatest }) else {
                    throw Malformed("\(what) reach beyond \(greatest)")
                }
            } else {
                let length = Int(clamping: header >> 1)
                var value = 0
                for (index, place) in try reader.take((width + 7) / 8).enumerated() { value |= Int(bytes[place]) << (8 * index) }
                guard length > 0, value <= greatest else {
                    throw Malformed(length == 0 ? "\(what) have a run of nothing" : "\(what) reach beyond \(greatest)")
                }
                numbers.append(contentsOf: repeatElement(Number(value), count: min(length, left)))
            }
        }
        return numbers
    }

    /// Differences of neighbors, packed in blocks: Parquet's `DELTA_BINARY_PACKED`. The reader stands behind them afterwards.
    ///
    /// - Throws: `Malformed` unless there are `count` numbers.
    static func deltas(_ reader: inout ByteReader, count: Int) throws(Malformed) -> [Int] {
        let block = try reader.count(1 << 30, of: "numbers in a block"), parts = try reader.count(1 << 20, of: "parts of a block")
        let total = try reader.count(Int.max, of: "numbers")
        var value = try reader.zigzag()
        guard total == count else { throw Malformed("\(reader.what) hold \(total) numbers, expected \(count)") }
        guard parts > 0, block % parts == 0, block / parts % 8 == 0, block > 0 else {
            throw Malformed("\(reader.what) have blocks of \(block) numbers in \(parts) parts")
        }
        guard count > 0 else { return [] }
        var numbers = [Int(value)]
        var packed: [UInt64] = []
        while numbers.count < count {
            let least = try reader.zigzag()
            let widths = try reader.take(parts)
            for place in widths where numbers.count < count {
                let width = Int(reader.bytes[place])
                guard width <= 64 else { throw Malformed("\(reader.what) have \(width) bits each, at most 64 are possible") }
                let number = min(block / parts, count - numbers.count)
                // The last part may lack what pads it.
                let size = block / parts / 8 * width
                let range = try reader.take(min(size, reader.left))
                guard range.count * 8 >= number * width else { throw .end(reader.what) }
                packed.removeAll(keepingCapacity: true)
                unpack(reader.bytes, range, width: width, count: number, into: &packed)
                for delta in packed {
                    value = value &+ least &+ Int64(bitPattern: delta)
                    numbers.append(Int(value))
                }
            }
        }
        return numbers
    }
}
