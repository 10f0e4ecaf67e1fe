/// Words of letters, digits, marks and connectors, and runs of other signs; white space between them is dropped:
/// `Whitespace` of `tokenizer.json`.
struct WhitespacePreTokenizer: PreTokenizer {
    private let tables = UnicodeTables.shared

    func split(_ text: inout SplitText) {
        let kinds = UnicodeTables.blank | UnicodeTables.wordCharacter
        text.split { bytes, word, parts in
            var start = word.lowerBound, position = start
            var kind = UnicodeTables.blank
            while position < word.upperBound {
                let here = position
                let next = tables.properties(of: bytes.scalar(at: &position)) & kinds
                if next == kind { continue }
                if kind & UnicodeTables.blank == 0 { parts.append(start..<here) }
                start = here
                kind = next
            }
            if kind & UnicodeTables.blank == 0 { parts.append(start..<word.upperBound) }
        }
    }
}
