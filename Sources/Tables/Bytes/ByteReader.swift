/// What is wrong with the bytes of a file.
struct Malformed: Error {
    let problem: String
    init(_ problem: String) { self.problem = problem }

    static func end(_ what: String) -> Malformed { Malformed("\(what) ends in the middle") }
}

/// Reads bytes one after another; nothing is read past the end.
struct ByteReader {
    let bytes: [UInt8]
    private(set) var position: Int
    let end: Int
    /// What is read, for messages.
    let what: String

    init(_ bytes: [UInt8], _ range: Range<Int>? = nil, what: String) {
        let range = range ?? 0..<bytes.count
        precondition(range.lowerBound >= 0 && range.upperBound <= bytes.count)
        (self.bytes, position, end, self.what) = (bytes, range.lowerBound, range.upperBound, what)
    }

    var left: Int { end - position }
    var rest: Range<Int> { position..<end }

    mutating func byte() throws(Malformed) -> UInt8 {
        guard position < end else { throw .end(what) }
        position += 1
        return bytes[position - 1]
    }

    mutating func take(_ count: Int) throws(Malformed) -> Range<Int> {
        guard count >= 0, count <= left else { throw .end(what) }
        position += count
        return position - count..<position
    }

    /// The least significant byte first.
    mutating func integer<Number: FixedWidthInteger & BitwiseCopyable>(_ type: Number.Type) throws(Malformed) -> Number {
        bytes.load(type, at: try take(MemoryLayout<Number>.size).lowerBound)
    }

    /// Seven bits a byte.
    mutating func varint() throws(Malformed) -> UInt64 {
        var value: UInt64 = 0, shift: UInt64 = 0
        while true {
            let byte = try byte()
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
            guard shift < 64 else { throw Malformed("\(what) has a number of more than 64 bits") }
        }
    }

    /// A count, which is no negative number and not beyond `limit`.
    mutating func count(_ limit: Int, of noun: String) throws(Malformed) -> Int {
        let value = try varint()
        guard value <= UInt64(max(limit, 0)) else { throw Malformed("\(what) tells of \(value) \(noun), at most \(limit) are possible") }
        return Int(value)
    }

    mutating func zigzag() throws(Malformed) -> Int64 {
        let value = try varint()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    /// A length of four bytes, then so many bytes.
    mutating func section() throws(Malformed) -> Range<Int> { try take(Int(try integer(UInt32.self))) }
}
