/// A text that a component writes anew. Where offsets are asked for, it follows which character each byte comes from.
///
/// Components trace as they write. What they do not trace stands for the bytes that were read before the next call, one for one.
struct RewrittenText {
    var bytes: [UInt8] = []
    let isTraced: Bool
    /// Of each byte traced so far: a byte of the character in the text read that it comes from; -1 where it comes before all.
    private(set) var origins: [Int32] = []

    init(isTraced: Bool, _ buffer: [UInt8] = []) {
        self.isTraced = isTraced
        bytes = buffer
        bytes.removeAll(keepingCapacity: true)
    }

    /// What was written since the last call stands for the bytes before `position`, one for one.
    @inline(__always)
    mutating func mark(_ position: Int) {
        guard isTraced else { return }
        let first = position - (bytes.count - origins.count)
        for origin in first..<position { origins.append(Int32(origin)) }
    }

    /// What was written since the last call comes from the character at `position`.
    @inline(__always)
    mutating func trace(_ position: Int) {
        guard isTraced else { return }
        while origins.count < bytes.count { origins.append(Int32(position)) }
    }

    /// Appends a part of the text read.
    mutating func copy(_ text: [UInt8], _ range: Range<Int>) {
        mark(range.lowerBound)
        bytes += text[range]
        mark(range.upperBound)
    }

    /// Ends the tracing of what was read up to `position`, and goes back to where that came from.
    ///
    /// - Parameters:
    ///   - earlier: Where the bytes read come from themselves; nil where that is the text in question.
    ///   - before: What stands for an origin before all.
    mutating func end(_ position: Int, _ earlier: [Int32]? = nil, before: Int32 = -1) {
        guard isTraced else { return }
        mark(position)
        guard let earlier else { return }
        for index in origins.indices { origins[index] = origins[index] < 0 ? before : earlier[Int(origins[index])] }
    }

    /// Traces what was written since the last call to `text[range]` as the reference does it: by the places of characters, wherever
    /// they went.
    mutating func trace(_ changes: CharacterChanges, in text: [UInt8], _ range: Range<Int>) {
        guard isTraced else { return }
        var next = range.lowerBound
        for (length, change) in changes.steps {
            let origin = change > 0 ? (next > range.lowerBound ? next - 1 : -1) : min(next, range.upperBound - 1)
            origins += repeatElement(Int32(origin), count: length)
            guard change <= 0 else { continue }
            for _ in 0...(-change) where next < range.upperBound { _ = text.scalar(at: &next) }
        }
    }
}

/// How characters took the place of others, in their order.
struct CharacterChanges {
    /// Of each character written: its bytes, and 1 if it was inserted, or else minus the number of characters that went after the one
    /// in whose place it is.
    private(set) var steps: [(length: Int, change: Int)] = []

    mutating func append(_ code: UInt32, _ change: Int) {
        steps.append((code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4, change))
    }

    /// So many characters became those of `text`, bytes of UTF-8.
    mutating func replace(_ count: Int, by text: ArraySlice<UInt8>) {
        let first = steps.count
        for byte in text {
            if byte & 0xC0 != 0x80 { steps.append((1, 0)) } else { steps[steps.count - 1].length += 1 }
        }
        let difference = steps.count - first - count
        if difference > 0 {
            for index in (steps.count - difference)..<steps.count { steps[index].change = 1 }
        } else if difference < 0, !steps.isEmpty {
            // Also to one of what came before: the reference shifts all that follows where that was inserted, or is not there.
            steps[steps.count - 1].change += difference
        }
    }
}
