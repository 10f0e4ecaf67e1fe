/// What becomes of the delimiters at which words are cut: `behavior` of `tokenizer.json`.
enum DelimiterBehavior: String, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"

    /// A part of a word.
    private struct Piece {
        let range: Range<Int>
        let isDelimiter: Bool
    }

    init(_ node: Node) throws {
        self = try node.choice("the behavior", among: Self.allCases.map { ($0.rawValue, $0) })
    }

    /// Appends the words that one word makes.
    ///
    /// - Parameters:
    ///   - delimiters: Their places in the word, from the left; one that is empty cuts, but is no word.
    ///   - isInverted: Whether what stands between these is the delimiter.
    func append(
        _ word: Range<Int>, cutAt delimiters: [Range<Int>], isInverted: Bool = false, to words: inout [Range<Int>]
    ) {
        var pieces: [Piece] = []
        var done = word.lowerBound
        func addRest(to end: Int) {
            if done < end { pieces.append(Piece(range: done..<end, isDelimiter: isInverted)) }
        }
        for delimiter in delimiters {
            addRest(to: delimiter.lowerBound)
            pieces.append(Piece(range: delimiter, isDelimiter: !isInverted))
            done = delimiter.upperBound
        }
        addRest(to: word.upperBound)
        let count = words.count
        switch self {
        case .removed: words += pieces.lazy.filter { !$0.isDelimiter }.map(\.range)
        case .isolated: words += pieces.lazy.map(\.range)
        case .contiguous: Self.join(pieces, into: &words) { $0.isDelimiter == $1.isDelimiter }
        case .mergedWithPrevious: Self.join(pieces, into: &words) { !$0.isDelimiter && $1.isDelimiter }
        case .mergedWithNext: Self.join(pieces, into: &words) { $0.isDelimiter && !$1.isDelimiter }
        }
        if delimiters.contains(where: \.isEmpty) {
            let kept = words[count...].filter { !$0.isEmpty }
            words.replaceSubrange(count..., with: kept)
        }
    }

    private static func join(_ pieces: [Piece], into words: inout [Range<Int>], where belong: (Piece, Piece) -> Bool) {
        for (index, piece) in pieces.enumerated() {
            if index > 0, belong(pieces[index - 1], piece) {
                words[words.count - 1] = words[words.count - 1].lowerBound..<piece.range.upperBound
            } else {
                words.append(piece.range)
            }
        }
    }
}
