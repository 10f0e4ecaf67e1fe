/// Puts one text in the place of another, in texts or in tokens: `Replace` of `tokenizer.json`.
struct Replace: Normalizer, TokenDecoder {
    private let pattern: TextPattern
    private let content: [UInt8]

    init(_ node: Node) throws {
        pattern = try TextPattern(try node.required("pattern"))
        content = Array(try node.required("content").string().utf8)
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var done = range.lowerBound
        pattern.forEachMatch(in: text, range) { match in
            output.copy(text, done..<match.lowerBound)
            output.bytes += content
            output.trace(match.upperBound > range.lowerBound ? match.upperBound - 1 : -1)
            done = match.upperBound
        }
        output.copy(text, done..<range.upperBound)
    }

    func decode(_ tokens: [String]) -> [String] {
        tokens.map { String(decoding: normalized(Array($0.utf8)), as: UTF8.self) }
    }
}
