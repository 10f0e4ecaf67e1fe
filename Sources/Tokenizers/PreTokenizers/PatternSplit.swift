/// Cuts where a pattern stands: `Split` of `tokenizer.json`.
struct PatternSplit: PreTokenizer {
    private let pattern: TextPattern
    private let behavior: DelimiterBehavior
    /// Whether what stands between the matches is the delimiter.
    private let isInverted: Bool

    init(_ node: Node) throws {
        pattern = try TextPattern(try node.required("pattern"))
        behavior = try DelimiterBehavior(try node.required("behavior"))
        isInverted = try node.member("invert")?.bool() ?? false
    }

    func split(_ text: inout SplitText) {
        text.split { bytes, word, parts in
            var pieces: [DelimiterBehavior.Piece] = []
            func add(_ range: Range<Int>, isMatch: Bool) {
                if !range.isEmpty { pieces.append(.init(range: range, isDelimiter: isMatch != isInverted)) }
            }
            var done = word.lowerBound
            switch pattern {
            case .fixed(let pattern):
                TextPattern.forEachOccurrence(of: pattern, in: bytes, word) { match in
                    add(done..<match.lowerBound, isMatch: false)
                    add(match, isMatch: true)
                    done = match.upperBound
                }
                add(done..<word.upperBound, isMatch: false)
            case .gpt2:
                while done < word.upperBound {
                    let end = GPT2Pattern.shared.endOfMatch(in: bytes, done..<word.upperBound)
                    add(done..<end, isMatch: true)
                    done = end
                }
            }
            behavior.append(pieces, to: &parts)
        }
    }
}
