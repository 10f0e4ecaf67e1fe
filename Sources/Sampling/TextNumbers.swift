import JSON

/// Numbers for texts: equal ones for texts that are equal byte by byte, in the order in which they first come.
///
/// A table of its own in place of a dictionary: each text is hashed once, however large the table grows.
struct TextNumbers {
    /// The number of each text.
    let numbers: [Int32]
    /// How many different texts there are.
    let count: Int

    init(_ texts: [String]) {
        let hashes = texts.map { ExactKey($0).hashValue }
        var size = 16
        while size < texts.count * 2 { size *= 2 }
        // The number of the text in each place; −1: none yet.
        var table = [Int32](repeating: -1, count: size)
        var firsts: [Int32] = []
        firsts.reserveCapacity(texts.count)
        numbers = texts.indices.map { index in
            var place = hashes[index] & (size - 1)
            while table[place] >= 0 {
                let first = Int(firsts[Int(table[place])])
                if hashes[first] == hashes[index] && ExactKey(texts[first]) == ExactKey(texts[index]) { return table[place] }
                place = (place + 1) & (size - 1)
            }
            table[place] = Int32(firsts.count)
            firsts.append(Int32(index))
            return table[place]
        }
        count = firsts.count
    }
}
