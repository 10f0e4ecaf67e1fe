/// Drops combining marks; NFD before it takes them off their letters.
struct StripAccents: Normalizer {
    private let categories = UnicodeCategories.shared

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            if categories.of(text.scalar(at: &position)).contains(.combiningMark) { continue }
            output.bytes += text[start..<position]
            output.trace(start)
        }
    }
}
