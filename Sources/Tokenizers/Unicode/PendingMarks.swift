/// Combining characters after a base, sorted by the rank of their class; equal ranks keep their order.
struct PendingMarks {
    struct Mark {
        let code: UInt32
        let rank: UInt8
        /// Of those that a character was taken apart into.
        let isFirst: Bool
        /// Where this character begins, for whoever traces it.
        var origin = 0
    }

    private(set) var marks: [Mark] = []

    var isEmpty: Bool { marks.isEmpty }

    mutating func insert(_ mark: Mark) {
        // Runs are short, and the place is nearly always the end.
        var index = marks.count
        while index > 0, marks[index - 1].rank > mark.rank { index -= 1 }
        marks.insert(mark, at: index)
    }

    mutating func removeAll() { marks.removeAll(keepingCapacity: true) }

    /// Where the marks come from in the eyes of the reference: those that changed places have changed origins, too.
    var origins: [Int] {
        var starts = marks.filter(\.isFirst).map(\.origin).sorted()[...]
        var last: Int?
        return marks.map { mark in
            let origin = mark.isFirst ? starts.removeFirst() : last ?? mark.origin
            last = origin
            return origin
        }
    }
}
