/// Cuts at every character of a class: `WhitespaceSplit`, `CharDelimiterSplit`, `Punctuation` and `Digits` of
/// `tokenizer.json`.
struct CharacterSplit: PreTokenizer {
    enum Delimiter {
        case blank
        case punctuation
        case digit
        case character(UInt32)
    }

    private let delimiter: Delimiter
    private let behavior: DelimiterBehavior
    private let tables = UnicodeTables.shared
    private let categories = UnicodeCategories.shared

    init(at delimiter: Delimiter, _ behavior: DelimiterBehavior) {
        self.delimiter = delimiter
        self.behavior = behavior
    }

    init(delimiter node: Node) throws {
        self.init(at: .character(try node.required("delimiter").character()), .removed)
    }

    init(punctuation node: Node) throws {
        self.init(at: .punctuation, try node.member("behavior").map(DelimiterBehavior.init) ?? .isolated)
    }

    init(digits node: Node) throws {
        self.init(at: .digit, try node.member("individual_digits")?.bool() ?? false ? .isolated : .contiguous)
    }

    func split(_ text: inout SplitText) {
        text.split { bytes, word, parts in
            var delimiters: [Range<Int>] = []
            var position = word.lowerBound
            while position < word.upperBound {
                let here = position
                if isDelimiter(bytes.scalar(at: &position)) { delimiters.append(here..<position) }
            }
            behavior.append(word, cutAt: delimiters, to: &parts)
        }
    }

    private func isDelimiter(_ code: UInt32) -> Bool {
        switch delimiter {
        case .blank: tables.isBlank(code)
        case .punctuation: tables.properties(of: code) & UnicodeTables.punctuation != 0
        case .digit: categories.of(code).contains(.digit)
        case .character(let character): code == character
        }
    }
}

extension Node {
    /// A text of one Unicode scalar.
    func character() throws -> UInt32 {
        let text = try string()
        guard let scalar = text.unicodeScalars.first, text.unicodeScalars.count == 1 else {
            throw mismatch("a single character")
        }
        return scalar.value
    }
}
