/// A table of FlatBuffers, in which Arrow describes its messages. Nothing is read beyond the bytes.
struct FlatTable {
    let bytes: [UInt8]
    private let position: Int
    /// Where the fields' places are, and how many bytes they take.
    private let places: Int, placeSize: Int

    /// The table that the bytes begin with.
    init(_ bytes: [UInt8]) throws(Malformed) {
        guard bytes.count >= 4 else { throw Self.cut }
        try self.init(bytes, at: Int(bytes.load(UInt32.self, at: 0)))
    }

    private init(_ bytes: [UInt8], at position: Int) throws(Malformed) {
        self.bytes = bytes
        self.position = position
        guard position >= 0, position <= bytes.count - 4 else { throw Self.cut }
        places = position - Int(bytes.load(Int32.self, at: position))
        guard places >= 0, places <= bytes.count - 4 else { throw Self.cut }
        placeSize = Int(bytes.load(UInt16.self, at: places))
        guard placeSize >= 4, placeSize <= bytes.count - places else { throw Self.cut }
    }

    static let cut = Malformed("a description in the file points outside of itself")

    private func place(_ field: Int) throws(Malformed) -> Int? {
        let entry = 4 + 2 * field
        guard entry + 2 <= placeSize else { return nil }
        let offset = Int(bytes.load(UInt16.self, at: places + entry))
        guard offset > 0 else { return nil }
        guard position + offset < bytes.count else { throw Self.cut }
        return position + offset
    }

    func integer<Number: FixedWidthInteger & BitwiseCopyable>(_ field: Int, _ type: Number.Type, default value: Int = 0) throws(Malformed)
        -> Int
    {
        guard let place = try place(field) else { return value }
        guard place + MemoryLayout<Number>.size <= bytes.count else { throw Self.cut }
        return Int(bytes.load(type, at: place))
    }

    private func target(_ place: Int) throws(Malformed) -> Int {
        guard place + 4 <= bytes.count else { throw Self.cut }
        let target = place + Int(bytes.load(UInt32.self, at: place))
        guard target + 4 <= bytes.count else { throw Self.cut }
        return target
    }

    func table(_ field: Int) throws(Malformed) -> FlatTable? {
        guard let place = try place(field) else { return nil }
        return try FlatTable(bytes, at: target(place))
    }

    func text(_ field: Int) throws(Malformed) -> String? {
        guard let place = try place(field) else { return nil }
        let start = try target(place), count = Int(bytes.load(UInt32.self, at: start))
        guard count <= bytes.count - start - 4, bytes.isUTF8(start + 4..<start + 4 + count) else { throw Self.cut }
        return String(decoding: bytes[start + 4..<start + 4 + count], as: UTF8.self)
    }

    /// Where the elements of a vector stand.
    private func vector(_ field: Int, width: Int) throws(Malformed) -> (start: Int, count: Int) {
        guard let place = try place(field) else { return (0, 0) }
        let start = try target(place), count = Int(bytes.load(UInt32.self, at: start))
        guard count <= (bytes.count - start - 4) / width else { throw Self.cut }
        return (start + 4, count)
    }

    func tables(_ field: Int) throws(Malformed) -> [FlatTable] {
        let (start, count) = try vector(field, width: 4)
        var tables: [FlatTable] = []
        for index in 0..<count { tables.append(try FlatTable(bytes, at: target(start + 4 * index))) }
        return tables
    }

    /// A vector of structures, each of so many numbers of 64 bits.
    func structures(_ field: Int, words: Int) throws(Malformed) -> [[Int]] {
        let (start, count) = try vector(field, width: 8 * words)
        return (0..<count).map { bytes.loadAll(Int.self, at: start + 8 * words * $0, count: words) }
    }
}
