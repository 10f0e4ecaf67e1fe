import JSON
extension JSONValue {
    static func parse(_ bytes: [UInt8], in range: Range<Int>, line: Int) throws -> JSONValue { try parse(Array(bytes[range])) }
}
