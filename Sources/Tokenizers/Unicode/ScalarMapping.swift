import Requirements

/// Maps some characters to one or more others.
struct ScalarMapping: Sendable {
    /// Ascending.
    private(set) var keys: [UInt32] = []
    /// Values of key i are `values[starts[i]..<starts[i + 1]]`.
    private var starts: [Int32] = [0]
    private var values: [UInt32] = []

    /// From runs of one offset, `first-last/step+offset`, and from the values of neighboring characters, `first:a.b c.d`.
    init(_ text: String) {
        var scanner = HexadecimalScanner(text)
        var next: UInt32 = 0
        while var value = scanner.number() {
            if scanner.skip("-") {
                next = appendRun(from: value, &scanner)
                continue
            }
            if scanner.skip(":") {
                next = value
                value = scanner.number() ?? 0
            }
            append(next, [value] + (scanner.skip(".") ? scanner.sequence() : []))
            next += 1
        }
    }

    /// Reads `last/step+offset`; what follows the last one.
    private mutating func appendRun(from first: UInt32, _ scanner: inout HexadecimalScanner) -> UInt32 {
        if let last = scanner.number(), scanner.skip("/"), let step = scanner.number() {
            let isUp = scanner.skip("+")
            if isUp || scanner.skip("-"), let offset = scanner.number() {
                for code in stride(from: first, through: last, by: Int(step)) {
                    append(code, [isUp ? code + offset : code - offset])
                }
                return last + 1
            }
        }
        refuse("malformed table of characters at \(first)")
    }

    private mutating func append(_ key: UInt32, _ sequence: [UInt32]) {
        require(!sequence.isEmpty && key > keys.last ?? 0, "malformed table of characters at \(key)")
        keys.append(key)
        values += sequence
        starts.append(Int32(values.count))
    }

    /// Calls `body` with the characters that `key` maps to; the key must be in the table.
    func forEach(of key: UInt32, _ body: (UInt32) -> Void) {
        var low = 0, high = keys.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if keys[middle] <= key { low = middle } else { high = middle }
        }
        require(keys[low] == key, "no entry for character \(key)")
        for index in starts[low]..<starts[low + 1] { body(values[Int(index)]) }
    }
}
