import Requirements

/// The tokens of words that were split before. Several threads may use it; none waits for another.
final class WordCache: Sendable {
    private struct Table {
        /// Upper half: of the hash; lower half: index + 1 of an entry; 0 is free.
        var slots = [UInt64](repeating: 0, count: 2 * WordCache.capacity)
        /// Of entry i: `words[wordEnds[i]..<wordEnds[i + 1]]`, and so with the ids.
        var words: [UInt8] = []
        var wordEnds: [Int32] = [0]
        var ids: [Int32] = []
        var idEnds: [Int32] = [0]
    }

    /// Words beyond these are not kept: the frequent ones come early.
    private static let capacity = 1 << 14
    private static let longestWord = 64

    private let table = Locked(Table())

    /// Appends the ids of the word, if they are known and nobody else is looking.
    func find(_ text: [UInt8], _ range: Range<Int>, hash: UInt64, into ids: inout [Int32]) -> Bool {
        if range.count > Self.longestWord { return false }
        return table.withLockIfAvailable { table in
            var slot = Int(truncatingIfNeeded: hash >> 32) & (table.slots.count - 1)
            while table.slots[slot] != 0 {
                if table.slots[slot] >> 32 == hash >> 32 {
                    let entry = Int(table.slots[slot] & 0xFFFF_FFFF) - 1
                    let start = Int(table.wordEnds[entry])
                    if Int(table.wordEnds[entry + 1]) - start == range.count {
                        var offset = 0
                        while offset < range.count, table.words[start + offset] == text[range.lowerBound + offset] { offset += 1 }
                        if offset == range.count {
                            for index in table.idEnds[entry]..<table.idEnds[entry + 1] { ids.append(table.ids[Int(index)]) }
                            return true
                        }
                    }
                }
                slot = (slot + 1) & (table.slots.count - 1)
            }
            return false
        } ?? false
    }

    /// Keeps the ids of a word that was not found.
    func insert(_ text: [UInt8], _ range: Range<Int>, hash: UInt64, _ ids: ArraySlice<Int32>) {
        if range.count > Self.longestWord { return }
        _ = table.withLockIfAvailable { table in
            if table.wordEnds.count > Self.capacity { return }
            var slot = Int(truncatingIfNeeded: hash >> 32) & (table.slots.count - 1)
            while table.slots[slot] != 0 { slot = (slot + 1) & (table.slots.count - 1) }
            table.slots[slot] = hash & 0xFFFF_FFFF_0000_0000 | UInt64(table.wordEnds.count)
            table.words += text[range]
            table.wordEnds.append(Int32(table.words.count))
            table.ids += ids
            table.idEnds.append(Int32(table.ids.count))
        }
    }
}
