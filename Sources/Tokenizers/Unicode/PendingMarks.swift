/// Combining characters after a base, sorted by the rank of their class; equal ranks keep their order.
struct PendingMarks {
    private(set) var codes: [UInt32] = []
    private var ranks: [UInt8] = []

    var isEmpty: Bool { codes.isEmpty }

    mutating func insert(_ code: UInt32, rank: UInt8) {
        // Runs are short, and the place is nearly always the end.
        var index = ranks.count
        while index > 0, ranks[index - 1] > rank { index -= 1 }
        codes.insert(code, at: index)
        ranks.insert(rank, at: index)
    }

    mutating func removeAll() {
        codes.removeAll(keepingCapacity: true)
        ranks.removeAll(keepingCapacity: true)
    }
}
