/// Splits at white space, which is dropped, and around punctuation, each sign of which is a word.
struct BertPreTokenizer: PreTokenizer {
    private let tables = UnicodeTables.shared
    private let ascii: [UInt16]

    init() {
        let tables = self.tables
        ascii = (0..<128).map { tables.properties(of: $0) }
    }

    func split(_ text: inout SplitText) { text.split(split) }

    func split(_ text: [UInt8], _ range: Range<Int>, into words: inout [Range<Int>]) {
        let separators = UnicodeTables.blank | UnicodeTables.punctuation
        var start = range.lowerBound
        var position = start
        while position < range.upperBound {
            let here = position
            let byte = text[position]
            let properties: UInt16
            if byte < 0x80 {
                position += 1
                properties = ascii[Int(byte)]
            } else {
                properties = tables.properties(of: text.scalar(at: &position))
            }
            if properties & separators == 0 { continue }
            if start < here { words.append(start..<here) }
            if properties & UnicodeTables.punctuation != 0 { words.append(here..<position) }
            start = position
        }
        if start < range.upperBound { words.append(start..<range.upperBound) }
    }
}
