import Tables

/// Numbers for the fields of some columns, row by row: equal ones for fields that are equal byte by byte, in the order in which they
/// first come.
///
/// A table of its own in place of a dictionary: each text is hashed once, however large the table grows, and looked at again only where
/// another has the same hash. No text is kept.
struct TextNumbers {
    /// `[rows, columns]`, row by row.
    let numbers: [Int32]
    /// How many different texts there are.
    let count: Int

    init(_ columns: [Dataset.Column]) {
        let total = columns.reduce(0) { $0 + $1.rowCount }, width = max(1, columns.count)
        func hash(_ index: Int) -> Int { columns[index % width].digest(ofRow: index / width) }
        var size = 16
        while size < total * 2 { size *= 2 }
        // The number of the text in each place; −1: none yet.
        var table = [Int32](repeating: -1, count: size)
        // Of each number, where it first came, and the half of its hash that does not say the place.
        var firsts: [(index: Int32, hash: UInt32)] = []
        firsts.reserveCapacity(total)
        numbers = (0..<total).map { index in
            let hash = hash(index)
            var place = hash & (size - 1)
            let half = UInt32(truncatingIfNeeded: hash >> 32)
            while table[place] >= 0 {
                let first = firsts[Int(table[place])]
                if first.hash == half {
                    let other = Int(first.index)
                    let isSame = columns[other % width].field(
                        atRow: other / width, isFieldOf: columns[index % width], atRow: index / width)
                    if isSame { return table[place] }
                }
                place = (place + 1) & (size - 1)
            }
            table[place] = Int32(firsts.count)
            firsts.append((Int32(index), half))
            return table[place]
        }
        count = firsts.count
    }
}
