/// How blanks are taken off the ends of what tokens stand for: `trim_offsets` of `tokenizer.json`.
struct OffsetTrim: Sendable {
    /// Whether the one blank before the first word may not be in the text at all.
    let addsPrefix: Bool

    /// What a post-processor of bytes says.
    static func all(_ node: Node) throws -> [OffsetTrim] {
        guard try node.member("trim_offsets")?.bool() ?? true else { return [] }
        return [OffsetTrim(addsPrefix: try node.member("add_prefix_space")?.bool() ?? true)]
    }

    func apply(to tokens: inout TokenList) {
        for index in tokens.offsets.indices {
            var (leading, trailing) = tokens.blanks[index]
            var (start, end) = (tokens.offsets[index].lowerBound, tokens.offsets[index].upperBound)
            if leading == 1, addsPrefix, index == 0 || start == 0 { leading = 0 }
            start = min(start + leading, end)
            if trailing > 0, end >= trailing { end = max(end - trailing, start) }
            tokens.offsets[index] = start..<end
        }
    }
}
