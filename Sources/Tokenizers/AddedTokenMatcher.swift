/// Cuts added tokens out of a text: the leftmost first, of several there the longest.
struct AddedTokenMatcher: Sendable {
    /// A part of a text: an added token, or what is between two.
    struct Piece {
        let range: Range<Int>
        /// `nil` for text.
        let id: Int32?
    }

    private let tokens: [AddedToken]
    private let patterns: [[UInt8]]
    /// Indices into `tokens` by the first byte of the pattern, longest pattern first.
    private let candidates: [[Int]]
    private let tables = UnicodeTables.shared

    /// - Parameter pattern: The bytes by which a token is found.
    init(_ tokens: [AddedToken], pattern: (AddedToken) -> [UInt8]) {
        // A token that normalization leaves nothing of cannot be found.
        let found = tokens.map { ($0, pattern($0)) }.filter { !$0.1.isEmpty }
        let patterns = found.map(\.1)
        self.tokens = found.map(\.0)
        self.patterns = patterns
        var candidates = [[Int]](repeating: [], count: 256)
        for (index, pattern) in patterns.enumerated() { candidates[Int(pattern[0])].append(index) }
        self.candidates = candidates.map { $0.sorted { patterns[$0].count > patterns[$1].count } }
    }

    var isEmpty: Bool { tokens.isEmpty }

    /// The parts of `text[range]`, in order, which cover it; none is empty.
    func split(_ text: [UInt8], _ range: Range<Int>) -> [Piece] {
        var pieces: [Piece] = []
        var done = range.lowerBound
        var position = range.lowerBound
        while position < range.upperBound {
            let possible = candidates[Int(text[position])]
            guard !possible.isEmpty,
                let index = possible.first(where: { matches(patterns[$0], text, position, range.upperBound) })
            else {
                position += 1
                continue
            }
            let token = tokens[index]
            var start = position, end = position + patterns[index].count
            position = end
            if token.mustBeWord, isBesideWord(text, start..<end, in: range) { continue }
            if token.stripsLeft {
                while start > done {
                    var before = text.startOfScalar(before: start)
                    let from = before
                    guard tables.isBlank(text.scalar(at: &before)) else { break }
                    start = from
                }
            }
            if token.stripsRight {
                var next = end
                while end < range.upperBound, tables.isBlank(text.scalar(at: &next)) { end = next }
                position = Swift.max(position, end)
            }
            if done < start { pieces.append(Piece(range: done..<start, id: nil)) }
            pieces.append(Piece(range: start..<end, id: token.id))
            done = end
        }
        if done < range.upperBound { pieces.append(Piece(range: done..<range.upperBound, id: nil)) }
        return pieces
    }

    private func matches(_ pattern: [UInt8], _ text: [UInt8], _ position: Int, _ end: Int) -> Bool {
        guard position + pattern.count <= end else { return false }
        for index in pattern.indices where text[position + index] != pattern[index] { return false }
        return true
    }

    private func isBesideWord(_ text: [UInt8], _ match: Range<Int>, in range: Range<Int>) -> Bool {
        func isWord(at position: Int) -> Bool {
            var position = position
            return tables.properties(of: text.scalar(at: &position)) & UnicodeTables.wordCharacter != 0
        }
        return match.lowerBound > range.lowerBound && isWord(at: text.startOfScalar(before: match.lowerBound))
            || match.upperBound < range.upperBound && isWord(at: match.upperBound)
    }
}
