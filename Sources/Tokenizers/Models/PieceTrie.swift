/// Finds all pieces that a text begins with, in one pass: a tree of bytes whose children stand in one array, each at its parent's
/// base plus its byte.
struct PieceTrie: Sendable {
    private struct Unit {
        var parent: Int32 = -1
        var base: Int32 = 0
        var value: Int32 = -1
    }

    private var units: [Unit] = []

    /// - Parameter pieces: With their values; none of the pieces twice, none empty.
    init(_ pieces: [(bytes: [UInt8], value: Int32)]) {
        let sorted = pieces.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        units = [Unit](repeating: Unit(), count: 512)
        units[0].parent = 0
        var firstFree = 1
        // Nodes that still need their children: the pieces that go through them, and how long they are already.
        var open: [(unit: Int, pieces: Range<Int>, depth: Int)] = [(0, 0..<sorted.count, 0)]
        var children: [(byte: Int, pieces: Range<Int>)] = []
        while let (unit, range, depth) = open.popLast() {
            var start = range.lowerBound
            if start < range.upperBound, sorted[start].bytes.count == depth {
                units[unit].value = sorted[start].value
                start += 1
            }
            children.removeAll(keepingCapacity: true)
            while start < range.upperBound {
                let byte = sorted[start].bytes[depth]
                var end = start + 1
                while end < range.upperBound, sorted[end].bytes[depth] == byte { end += 1 }
                children.append((Int(byte), start..<end))
                start = end
            }
            guard let first = children.first else { continue }
            while firstFree < units.count, units[firstFree].parent >= 0 { firstFree += 1 }
            // Not before the first free place; a place where few fit is not searched to its end again and again.
            var place = Swift.max(firstFree, first.byte + 1), misses = 0
            while true {
                let base = place - first.byte
                if base + 256 > units.count { units += [Unit](repeating: Unit(), count: Swift.max(512, units.count / 2)) }
                if children.allSatisfy({ units[base + $0.byte].parent < 0 }) {
                    units[unit].base = Int32(base)
                    for child in children {
                        units[base + child.byte].parent = Int32(unit)
                        open.append((base + child.byte, child.pieces, depth + 1))
                    }
                    break
                }
                place += 1
                misses += 1
            }
            if misses > 64 { firstFree += Swift.max(1, misses / 16) }
        }
    }

    /// Calls `body` with the value of each piece that `text[start..<end]` begins with, and where it ends; the shortest first.
    @inline(__always)
    func forEachPrefix(of text: [UInt8], _ start: Int, _ end: Int, _ body: (_ value: Int32, _ end: Int) -> Void) {
        var unit = 0, position = start
        while position < end {
            let next = Int(units[unit].base) + Int(text[position])
            guard next < units.count, Int(units[next].parent) == unit, next != 0 else { return }
            unit = next
            position += 1
            let value = units[unit].value
            if value >= 0 { body(value, position) }
        }
    }
}
