/// Which two tokens make a third, and which of such pairs come first.
struct MergeTable: Sendable {
    /// Both ids, the first in the upper half, shifted so that 0 is free.
    private var keys: [UInt64]
    private var ranks: [UInt32]
    private let mask: Int
    /// By rank.
    private let results: [Int32]

    /// - Parameter merges: In the order of their ranks; of equal pairs the last counts.
    init(_ merges: [(first: Int32, second: Int32, result: Int32)]) {
        var size = 16
        while size < merges.count * 2 { size *= 2 }
        keys = [UInt64](repeating: 0, count: size)
        ranks = [UInt32](repeating: 0, count: size)
        mask = size - 1
        results = merges.map(\.result)
        for (rank, merge) in merges.enumerated() {
            let slot = slot(of: Self.key(merge.first, merge.second))
            keys[slot] = Self.key(merge.first, merge.second)
            ranks[slot] = UInt32(rank)
        }
    }

    @inline(__always)
    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first) + 1) << 32 | UInt64(UInt32(bitPattern: second))
    }

    /// Where the key is, or the free place where it would be.
    @inline(__always)
    private func slot(of key: UInt64) -> Int {
        var slot = Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while keys[slot] != 0, keys[slot] != key { slot = (slot + 1) & mask }
        return slot
    }

    @inline(__always)
    func rank(_ first: Int32, _ second: Int32) -> UInt32? {
        let slot = slot(of: Self.key(first, second))
        return keys[slot] == 0 ? nil : ranks[slot]
    }

    func result(of rank: UInt32) -> Int32 { results[Int(rank)] }

    /// The pairs in the order of their ranks.
    var pairs: [(first: Int32, second: Int32)] {
        keys.indices.filter { keys[$0] != 0 }.sorted { ranks[$0] < ranks[$1] }.map { slot in
            (Int32(truncatingIfNeeded: keys[slot] >> 32) - 1, Int32(truncatingIfNeeded: keys[slot]))
        }
    }
}
