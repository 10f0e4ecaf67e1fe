/// The patterns of `tokenizer.json`: `{"String": …}` or `{"Regex": …}`.
enum TextPattern {
    case fixed([UInt8])
    /// `GPT2Pattern`, whose matches cover every text.
    case gpt2

    /// Of all regular expressions this one is known; it is the one of `ByteLevel`, too.
    static let gpt2Expression = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

    init(_ node: Node) throws {
        if let expression = try node.member("Regex") {
            guard try expression.string() == Self.gpt2Expression else {
                throw expression.unsupported(
                    "the expression", try expression.string(),
                    among: [
                        "fixed texts ({\"String\": …}) and \(Self.gpt2Expression)"
                    ])
            }
            self = .gpt2
        } else {
            self = .fixed(try Self.fixed(node))
        }
    }

    /// A pattern that must be a fixed text.
    static func fixed(_ node: Node) throws -> [UInt8] {
        if let expression = try node.member("Regex") {
            throw expression.unsupported("the expression", try expression.string(), among: ["fixed texts ({\"String\": …})"])
        }
        let text = try node.required("String")
        guard try !text.string().isEmpty else { throw text.mismatch("a text that is not empty") }
        return Array(try text.string().utf8)
    }

    /// Calls `body` with the places of `pattern` in `text[range]`, from the left, without overlaps.
    static func forEachOccurrence(
        of pattern: [UInt8], in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void
    ) {
        var position = range.lowerBound
        while position + pattern.count <= range.upperBound {
            guard text[position] == pattern[0], text[position..<position + pattern.count].elementsEqual(pattern) else {
                position += 1
                continue
            }
            body(position..<position + pattern.count)
            position += pattern.count
        }
    }
}
