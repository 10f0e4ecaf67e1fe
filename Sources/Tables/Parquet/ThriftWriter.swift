/// Writes the compact form of Thrift.
struct ThriftWriter {
    private(set) var bytes: [UInt8] = []
    private var last = [0]

    /// The head of a field; fields come in the order of their numbers.
    private mutating func field(_ id: Int, _ kind: ThriftReader.Kind) {
        let step = id - last[last.count - 1]
        precondition(step > 0 && step < 16)
        bytes.append(UInt8(step) << 4 | kind.rawValue)
        last[last.count - 1] = id
    }

    private mutating func varint(_ value: UInt64) {
        var value = value
        while value >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
            value >>= 7
        }
        bytes.append(UInt8(value))
    }

    private mutating func zigzag(_ value: Int) { varint(UInt64(bitPattern: Int64(value << 1 ^ value >> 63))) }

    mutating func int32(_ id: Int, _ value: Int) {
        field(id, .int32)
        zigzag(value)
    }

    mutating func int64(_ id: Int, _ value: Int) {
        field(id, .int64)
        zigzag(value)
    }

    private mutating func rawText(_ text: String) {
        varint(UInt64(text.utf8.count))
        bytes += text.utf8
    }

    mutating func text(_ id: Int, _ text: String) {
        field(id, .binary)
        rawText(text)
    }

    mutating func structure(_ id: Int, _ body: (inout ThriftWriter) -> Void) {
        field(id, .structure)
        element(body)
    }

    /// A structure that is no field: the outermost one, or one of a list.
    mutating func element(_ body: (inout ThriftWriter) -> Void) {
        last.append(0)
        body(&self)
        last.removeLast()
        bytes.append(0)
    }

    private mutating func listHead(_ id: Int, _ kind: ThriftReader.Kind, _ count: Int) {
        field(id, .list)
        bytes.append(UInt8(min(count, 15)) << 4 | kind.rawValue)
        if count >= 15 { varint(UInt64(count)) }
    }

    mutating func list<Element>(_ id: Int, _ elements: [Element], _ body: (Element, inout ThriftWriter) -> Void) {
        listHead(id, .structure, elements.count)
        for element in elements { self.element { body(element, &$0) } }
    }

    mutating func integers(_ id: Int, _ values: [Int]) {
        listHead(id, .int32, values.count)
        for value in values { zigzag(value) }
    }

    mutating func texts(_ id: Int, _ values: [String]) {
        listHead(id, .binary, values.count)
        for value in values { rawText(value) }
    }

    mutating func levels(_ levels: ArraySlice<UInt8>) {
        var start = levels.startIndex
        while start < levels.endIndex {
            let end = levels[start...].firstIndex { $0 != levels[start] } ?? levels.endIndex
            varint(UInt64(end - start) << 1)
            bytes.append(levels[start])
            start = end
        }
    }
}
