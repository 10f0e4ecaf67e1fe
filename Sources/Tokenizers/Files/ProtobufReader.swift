/// Reads the fields of a protobuf message, one after another.
struct ProtobufReader {
    enum Value {
        case integer(UInt64)
        case fixed32(UInt32)
        case fixed64(UInt64)
        case bytes(Range<Int>)
    }

    struct Problem: Error {
        let text: String
    }

    private let bytes: [UInt8]
    private var position: Int
    private let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>) {
        self.bytes = bytes
        (position, end) = (range.lowerBound, range.upperBound)
    }

    /// - Returns: nil at the end.
    mutating func next() throws(Problem) -> (field: UInt64, value: Value)? {
        guard position < end else { return nil }
        let start = position
        let tag = try integer(start)
        let field = tag >> 3
        guard field > 0 else { throw Problem(text: "a field without a number at byte \(start)") }
        switch tag & 7 {
        case 0: return (field, .integer(try integer(start)))
        case 1: return (field, .fixed64(try fixed(8, start)))
        case 2:
            let count = try integer(start)
            guard count <= UInt64(end - position) else { throw cut(field, start) }
            position += Int(count)
            return (field, .bytes(position - Int(count)..<position))
        case 5: return (field, .fixed32(UInt32(truncatingIfNeeded: try fixed(4, start))))
        case let kind: throw Problem(text: "a field of the unknown kind \(kind) at byte \(start)")
        }
    }

    private func cut(_ field: UInt64, _ start: Int) -> Problem {
        Problem(text: "field \(field) at byte \(start) does not end within its \(end - start) bytes")
    }

    private mutating func integer(_ start: Int) throws(Problem) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard position < end else { throw Problem(text: "the field at byte \(start) does not end") }
            let byte = bytes[position]
            position += 1
            value |= shift < 64 ? UInt64(byte & 0x7F) << UInt64(shift) : 0
            if byte < 0x80 { return value }
        }
        throw Problem(text: "a number of more than 10 bytes at byte \(start)")
    }

    private mutating func fixed(_ count: Int, _ start: Int) throws(Problem) -> UInt64 {
        guard end - position >= count else { throw Problem(text: "the field at byte \(start) does not end") }
        defer { position += count }
        return (0..<count).reduce(0) { $0 | UInt64(bytes[position + $1]) << UInt64(8 * $1) }
    }
}
