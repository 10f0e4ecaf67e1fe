/// Writes FlatBuffers: each table, then what it refers to.
struct FlatBuilder {
    indirect enum Value {
        case int8(Int), int16(Int), int32(Int), int64(Int)
        case text(String)
        case table([(field: Int, value: Value)])
        case tables([Value])
        /// Structures of so many numbers of 64 bits each.
        case structures([[Int]])

        /// How many bytes it takes in its table.
        fileprivate var size: Int {
            switch self {
            case .int8: 1
            case .int16: 2
            case .int64: 8
            default: 4
            }
        }
    }

    private var bytes: [UInt8] = [0, 0, 0, 0]

    /// - Parameter fields: The numbers of the fields, and what they hold.
    static func build(_ fields: [(field: Int, value: Value)]) -> [UInt8] {
        var builder = FlatBuilder()
        let root = builder.table(fields)
        builder.set(UInt32(root), at: 0)
        builder.pad(to: 8)
        return builder.bytes
    }

    private mutating func set<Number: FixedWidthInteger>(_ number: Number, at position: Int) {
        for index in 0..<Number.bitWidth / 8 { bytes[position + index] = UInt8(truncatingIfNeeded: number >> (8 * Number(index))) }
    }

    private mutating func pad(to alignment: Int, plus rest: Int = 0) {
        while bytes.count % alignment != rest { bytes.append(0) }
    }

    private mutating func table(_ fields: [(field: Int, value: Value)]) -> Int {
        var size = 4
        var offsets: [Int] = []
        for (_, value) in fields {
            size = (size + value.size - 1) / value.size * value.size
            offsets.append(size)
            size += value.size
        }
        pad(to: 8)
        let places = bytes.count, entries = (fields.map(\.field).max() ?? -1) + 1
        bytes.append(littleEndian: UInt16(4 + 2 * entries))
        bytes.append(littleEndian: UInt16(size))
        for entry in 0..<entries {
            bytes.append(littleEndian: UInt16(fields.firstIndex { $0.field == entry }.map { offsets[$0] } ?? 0))
        }
        pad(to: 8)
        let start = bytes.count
        bytes += [UInt8](repeating: 0, count: size)
        set(Int32(start - places), at: start)
        for ((_, value), offset) in zip(fields, offsets) { write(value, at: start + offset) }
        return start
    }

    private mutating func write(_ value: Value, at place: Int) {
        func refer(_ target: Int) { set(UInt32(target - place), at: place) }
        switch value {
        case .int8(let number): set(Int8(number), at: place)
        case .int16(let number): set(Int16(number), at: place)
        case .int32(let number): set(Int32(number), at: place)
        case .int64(let number): set(number, at: place)
        case .table(let fields): refer(table(fields))
        case .text(let text):
            pad(to: 4)
            refer(bytes.count)
            bytes.append(littleEndian: UInt32(text.utf8.count))
            bytes += text.utf8
            bytes.append(0)
        case .structures(let structures):
            pad(to: 8, plus: 4)
            refer(bytes.count)
            bytes.append(littleEndian: UInt32(structures.count))
            for structure in structures { for number in structure { bytes.append(littleEndian: number) } }
        case .tables(let tables):
            pad(to: 4)
            refer(bytes.count)
            bytes.append(littleEndian: UInt32(tables.count))
            let first = bytes.count
            bytes += [UInt8](repeating: 0, count: 4 * tables.count)
            for (index, table) in tables.enumerated() { write(table, at: first + 4 * index) }
        }
    }
}
