import JSON

/// The patterns of `tokenizer.json`: `{"String": …}` or `{"Regex": …}`.
enum TextPattern {
    case fixed([UInt8])
    /// Expressions that many models share have scanners of their own; the matches of these cover every text.
    case gpt2
    case tiktoken(TiktokenPattern)
    case expression(RegularExpression)

    init(_ node: Node) throws {
        if let expression = try node.member("Regex") {
            let text = try expression.string()
            if text == GPT2Pattern.expression {
                self = .gpt2
            } else if let pattern = TiktokenPattern(expression: text) {
                self = .tiktoken(pattern)
            } else {
                do {
                    self = .expression(try RegularExpression(text))
                } catch {
                    throw expression.error("character \(error.position + 1) of \(quoted(text)): \(error.text)")
                }
            }
        } else {
            let text = try node.required("String")
            guard try !text.string().isEmpty else { throw text.mismatch("a text that is not empty") }
            self = .fixed(Array(try text.string().utf8))
        }
    }

    /// Calls `body` with the matches in `text[range]`, from the left, without overlaps. Those of expressions may be empty.
    func forEachMatch(in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        switch self {
        case .fixed(let pattern): Self.forEachOccurrence(of: pattern, in: text, range, body)
        case .expression(let expression): expression.forEachMatch(in: text, range, body)
        case .gpt2: GPT2Pattern.shared.forEachMatch(in: text, range, body)
        case .tiktoken(let pattern): pattern.forEachMatch(in: text, range, body)
        }
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
