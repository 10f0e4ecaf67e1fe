/// Drops white space from the ends of a text: `Strip` of `tokenizer.json`.
struct StripNormalizer: Normalizer {
    private let stripsLeft: Bool
    private let stripsRight: Bool
    private let tables = UnicodeTables.shared

    init(_ node: Node) throws {
        stripsLeft = try node.required("strip_left").bool()
        stripsRight = try node.required("strip_right").bool()
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var start = range.lowerBound, end = range.upperBound
        while stripsLeft, start < end {
            var next = start
            guard tables.isBlank(text.scalar(at: &next)) else { break }
            start = next
        }
        while stripsRight, start < end {
            let last = text.startOfScalar(before: end)
            var next = last
            guard tables.isBlank(text.scalar(at: &next)) else { break }
            end = last
        }
        output.copy(text, start..<end)
    }
}
