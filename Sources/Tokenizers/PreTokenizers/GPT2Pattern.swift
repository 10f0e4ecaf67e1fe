/// The regular expression by which GPT-2 splits texts, as a scanner:
/// `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`. Its matches cover every text.
struct GPT2Pattern: PatternScanner {
    static let shared = GPT2Pattern()
    static let expression = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    private let categories = UnicodeCategories.shared
    private let ascii: [UnicodeCategories.Categories]

    private init() {
        let categories = self.categories
        ascii = (0..<128).map { categories.of($0).intersection([.letter, .number, .blank]) }
    }

    /// Appends the matches, which cover the range.
    func split(_ text: [UInt8], _ range: Range<Int>, into words: inout [Range<Int>]) {
        forEachMatch(in: text, range) { words.append($0) }
    }

    func endOfMatch(in text: [UInt8], _ range: Range<Int>) -> Int {
        let first = text[range.lowerBound]
        if first == UInt8(ascii: "'"), let end = endOfContraction(in: text, range) { return end }
        var position = range.lowerBound
        if first == UInt8(ascii: " ") { position += 1 }
        if position < range.upperBound {
            let start = position
            let kind = kind(of: text, at: &position)
            if kind != .blank { return endOfRun(of: kind, in: text, position..<range.upperBound) }
            position = start
        }
        let end = endOfRun(of: .blank, in: text, position..<range.upperBound)
        // The last blank before something else belongs to that, if it is a space; it stands alone otherwise.
        guard end < range.upperBound else { return end }
        let last = text.startOfScalar(before: end)
        return last > range.lowerBound ? last : end
    }

    private func endOfContraction(in text: [UInt8], _ range: Range<Int>) -> Int? {
        func byte(_ offset: Int) -> UInt8? {
            range.lowerBound + offset < range.upperBound ? text[range.lowerBound + offset] : nil
        }
        switch (byte(1), byte(2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return range.lowerBound + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")), (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return range.lowerBound + 3
        default: return nil
        }
    }

    /// Letter, number, blank, or nothing of these.
    @inline(__always)
    func kind(of text: [UInt8], at position: inout Int) -> UnicodeCategories.Categories {
        let byte = text[position]
        if byte < 0x80 {
            position += 1
            return ascii[Int(byte)]
        }
        return categories.of(text.scalar(at: &position)).intersection([.letter, .number, .blank])
    }

    func endOfRun(of kind: UnicodeCategories.Categories, in text: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.lowerBound
        var next = end
        while end < range.upperBound, self.kind(of: text, at: &next) == kind { end = next }
        return end
    }
}
