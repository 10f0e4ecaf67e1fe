import Requirements

/// Maps some characters to one or more others.
struct ScalarMapping: Sendable {
    /// Ascending.
    private(set) var keys: [UInt32] = []
    /// Values of key i are `values[starts[i]..<starts[i + 1]]`.
    private var starts: [Int32] = [0]
    private var values: [UInt32] = []

    /// From `first-last/step+offset` and `code=a.b`.
    init(runs text: String) {
        var scanner = HexadecimalScanner(text)
        while let first = scanner.number() {
            if scanner.skip("=") {
                append(first, scanner.sequence())
                continue
            }
            guard scanner.skip("-"), let last = scanner.number(), scanner.skip("/"), let step = scanner.number()
            else { refuse("malformed table of characters at \(first)") }
            let isUp = scanner.skip("+")
            guard isUp || scanner.skip("-"), let offset = scanner.number()
            else { refuse("malformed table of characters at \(first)") }
            for code in stride(from: first, through: last, by: Int(step)) {
                append(code, [isUp ? code + offset : code - offset])
            }
        }
    }

    /// From `first:a.b c.d`, the values of neighboring characters.
    init(neighbors text: String) {
        var scanner = HexadecimalScanner(text)
        var next: UInt32 = 0
        while var value = scanner.number() {
            if scanner.skip(":") {
                next = value
                value = scanner.number() ?? 0
            }
            append(next, [value] + (scanner.skip(".") ? scanner.sequence() : []))
            next += 1
        }
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
