/// Reads the compact form of Thrift, in which Parquet describes its files.
struct ThriftReader {
    /// What a field holds.
    enum Kind: UInt8 {
        case yes = 1
        case no, byte, int16, int32, int64, double, binary, list, set, map, structure
    }

    private(set) var reader: ByteReader
    private var depth = 0

    init(_ reader: ByteReader) { self.reader = reader }

    var position: Int { reader.position }

    /// Reads a structure: `field` reads the fields that it knows and says no to the others, which are skipped.
    mutating func structure(_ field: (_ id: Int, Kind, inout ThriftReader) throws -> Bool) throws {
        guard depth < 32 else { throw Malformed("\(reader.what) is nested too deep") }
        depth += 1
        defer { depth -= 1 }
        var id = 0
        while true {
            let byte = try reader.byte()
            if byte == 0 { return }
            guard let kind = Kind(rawValue: byte & 15) else { throw Malformed("\(reader.what) has a field of no known type") }
            id = byte >> 4 == 0 ? Int(try reader.zigzag()) : id + Int(byte >> 4)
            let start = reader.position
            if try field(id, kind, &self) {
                // A structure may be empty to its reader; then it has not moved, as for a truth value.
                guard reader.position > start || kind == .yes || kind == .no else {
                    throw Malformed("\(reader.what) has a field of the wrong type")
                }
            } else {
                try skip(kind)
            }
        }
    }

    mutating func integer(_ kind: Kind) throws -> Int {
        switch kind {
        case .byte: return Int(Int8(bitPattern: try reader.byte()))
        case .int16, .int32, .int64: return Int(try reader.zigzag())
        default: throw Malformed("\(reader.what) has a \(kind) where a number belongs")
        }
    }

    mutating func text(_ kind: Kind) throws -> String {
        guard kind == .binary else { throw Malformed("\(reader.what) has a \(kind) where a text belongs") }
        let range = try reader.take(try reader.count(reader.left, of: "bytes"))
        guard reader.bytes.isUTF8(range) else { throw Malformed("\(reader.what) has a text that is not UTF-8") }
        return String(decoding: reader.bytes[range], as: UTF8.self)
    }

    func truth(_ kind: Kind) throws -> Bool {
        guard kind == .yes || kind == .no else { throw Malformed("\(reader.what) has a \(kind) where a truth value belongs") }
        return kind == .yes
    }

    /// Calls `element` for each element of a list.
    mutating func list(_ kind: Kind, _ element: (Kind, inout ThriftReader) throws -> Void) throws {
        guard kind == .list else { throw Malformed("\(reader.what) has a \(kind) where a list belongs") }
        let (count, inner) = try listHeader()
        for _ in 0..<count { try element(inner, &self) }
    }

    private mutating func listHeader() throws -> (count: Int, Kind) {
        let byte = try reader.byte()
        // Every element takes a byte.
        let count = byte >> 4 == 15 ? try reader.count(reader.left, of: "elements") : Int(byte >> 4)
        guard let kind = Kind(rawValue: byte & 15), count <= reader.left else { throw Malformed.end(reader.what) }
        return (count, kind)
    }

    mutating func skip(_ kind: Kind) throws {
        switch kind {
        case .yes, .no: break
        case .byte: _ = try reader.byte()
        case .int16, .int32, .int64: _ = try reader.varint()
        case .double: _ = try reader.take(8)
        case .binary: _ = try reader.take(try reader.count(reader.left, of: "bytes"))
        case .structure: try structure { _, _, _ in false }
        case .list, .set:
            guard depth < 32 else { throw Malformed("\(reader.what) is nested too deep") }
            depth += 1
            defer { depth -= 1 }
            let (count, inner) = try listHeader()
            for _ in 0..<count { try skipElement(inner) }
        case .map:
            guard depth < 32 else { throw Malformed("\(reader.what) is nested too deep") }
            depth += 1
            defer { depth -= 1 }
            let count = try reader.count(reader.left, of: "elements")
            guard count > 0 else { return }
            let kinds = try reader.byte()
            guard let key = Kind(rawValue: kinds >> 4), let value = Kind(rawValue: kinds & 15) else { throw Malformed.end(reader.what) }
            for _ in 0..<count {
                try skipElement(key)
                try skipElement(value)
            }
        }
    }

    /// A truth value takes a byte where it is an element.
    private mutating func skipElement(_ kind: Kind) throws {
        if kind == .yes || kind == .no { _ = try reader.byte() } else { try skip(kind) }
    }
}
