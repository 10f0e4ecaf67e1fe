/// The regular expression of OpenAI's later models, of Llama 3 and, with single digits, of Qwen, as a scanner. Its matches cover every
/// text.
struct TiktokenPattern: PatternScanner {
    private let longestNumber: Int
    private let scanner = GPT2Pattern.shared

    private static let start = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
    private static let end = #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// - Returns: nil for another expression.
    init?(expression: String) {
        switch expression {
        case Self.start + #"\p{N}{1,3}"# + Self.end: longestNumber = 3
        case Self.start + #"\p{N}"# + Self.end: longestNumber = 1
        default: return nil
        }
    }

    func endOfMatch(in text: [UInt8], _ range: Range<Int>) -> Int {
        let first = text[range.lowerBound]
        if first == UInt8(ascii: "'"), let end = endOfContraction(in: text, range) { return end }
        var behind = range.lowerBound
        let kind = scanner.kind(of: text, at: &behind)
        if kind == .letter { return scanner.endOfRun(of: .letter, in: text, behind..<range.upperBound) }
        if kind == .number { return endOfNumber(in: text, behind..<range.upperBound) }
        let isBreak = isLineBreak(first)
        var next = behind
        let nextKind = next < range.upperBound ? scanner.kind(of: text, at: &next) : .blank
        if !isBreak, nextKind == .letter { return scanner.endOfRun(of: .letter, in: text, next..<range.upperBound) }
        if kind == [] || first == UInt8(ascii: " ") && nextKind == [] {
            var end = scanner.endOfRun(of: [], in: text, (kind == [] ? behind : next)..<range.upperBound)
            while end < range.upperBound, isLineBreak(text[end]) { end += 1 }
            return end
        }
        return endOfBlanks(in: text, range)
    }

    private func isLineBreak(_ byte: UInt8) -> Bool { byte == 0xA || byte == 0xD }

    private func endOfNumber(in text: [UInt8], _ range: Range<Int>) -> Int {
        var end = range.lowerBound, next = end
        for _ in 1..<longestNumber {
            guard end < range.upperBound, scanner.kind(of: text, at: &next) == .number else { break }
            end = next
        }
        return end
    }

    /// Up to the last line break among the blanks, or else to before the last blank that something follows.
    private func endOfBlanks(in text: [UInt8], _ range: Range<Int>) -> Int {
        let end = scanner.endOfRun(of: .blank, in: text, range)
        if let last = text[range.lowerBound..<end].lastIndex(where: isLineBreak) { return last + 1 }
        guard end < range.upperBound else { return end }
        let last = text.startOfScalar(before: end)
        return last > range.lowerBound ? last : end
    }

    /// In small letters or not; the long s counts as one.
    private func endOfContraction(in text: [UInt8], _ range: Range<Int>) -> Int? {
        func letter(_ offset: Int) -> UInt8 {
            let index = range.lowerBound + offset
            guard index < range.upperBound, text[index] < 0x80 else { return 0 }
            return text[index] | 0x20
        }
        switch (letter(1), letter(2)) {
        case (UInt8(ascii: "s"), _), (UInt8(ascii: "t"), _), (UInt8(ascii: "m"), _), (UInt8(ascii: "d"), _):
            return range.lowerBound + 2
        case (UInt8(ascii: "r"), UInt8(ascii: "e")), (UInt8(ascii: "v"), UInt8(ascii: "e")), (UInt8(ascii: "l"), UInt8(ascii: "l")):
            return range.lowerBound + 3
        default:
            let longS = range.lowerBound + 1
            return longS + 1 < range.upperBound && text[longS] == 0xC5 && text[longS + 1] == 0xBF ? longS + 2 : nil
        }
    }
}
