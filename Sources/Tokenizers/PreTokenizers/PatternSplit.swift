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
            var matches: [Range<Int>] = []
            pattern.forEachMatch(in: bytes, word) { matches.append($0) }
            behavior.append(word, cutAt: matches, isInverted: isInverted, to: &parts)
        }
    }
}
