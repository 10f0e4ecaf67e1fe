/// The tokens of a text, and, where offsets are asked for, what each stands for.
struct TokenList {
    var ids: [Int32] = []
    let isTraced: Bool
    /// Bytes of the word at hand while a model splits it, Unicode scalars of the text then.
    var offsets: [Range<Int>] = []
    /// How many blanks each token begins and ends with, where that counts.
    private(set) var blanks: [(leading: Int, trailing: Int)] = []

    init(isTraced: Bool = false) { self.isTraced = isTraced }

    var count: Int { ids.count }

    @inline(__always)
    mutating func append(_ id: Int32, _ bytes: Range<Int>) {
        ids.append(id)
        if isTraced { offsets.append(bytes) }
    }

    mutating func removeLast(_ count: Int) {
        ids.removeLast(count)
        if isTraced { offsets.removeLast(count) }
    }

    /// Keeps so many tokens at most.
    mutating func cut(to count: Int, atStart: Bool) {
        guard ids.count > count else { return }
        func cut<Element>(_ list: inout [Element]) {
            if !list.isEmpty { list = Array(atStart ? list.suffix(count) : list.prefix(count)) }
        }
        cut(&ids)
        cut(&offsets)
        cut(&blanks)
    }

    /// Turns round the order of the tokens from `start` on.
    mutating func reverse(from start: Int) {
        ids[start...].reverse()
        if isTraced { offsets[start...].reverse() }
    }

    /// Turns the bytes of the tokens from `start` on into scalars of the text.
    ///
    /// - Parameter origins: Of each byte: the scalar that it comes from; `~s` for none, before scalar s.
    mutating func resolve(from start: Int, _ origins: [Int32]) {
        for index in start..<offsets.count {
            // What is longer than its word had bytes of its own.
            let bytes = offsets[index].clamped(to: 0..<origins.count)
            guard !bytes.isEmpty else { continue }
            let first = Int(origins[bytes.lowerBound]), last = Int(origins[bytes.upperBound - 1])
            offsets[index] = (first < 0 ? ~first : first)..<(last < 0 ? ~last : last + 1)
        }
    }

    mutating func appendBlanks(of token: ArraySlice<UInt8>) {
        let scalars = String(decoding: token, as: UTF8.self).unicodeScalars
        func isBlank(_ scalar: Unicode.Scalar) -> Bool { scalar == "Ġ" || UnicodeTables.shared.isBlank(scalar.value) }
        blanks.append((scalars.prefix(while: isBlank).count, scalars.reversed().prefix(while: isBlank).count))
    }
}
