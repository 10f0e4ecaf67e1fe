/// Cuts after so many characters: `FixedLength` of `tokenizer.json`.
struct FixedLength: PreTokenizer {
    private let length: Int

    init(_ node: Node) throws {
        length = try node.present("length")?.integer(in: 1...Int.max) ?? 5
    }

    func split(_ text: inout SplitText) {
        text.split { bytes, word, parts in
            var start = word.lowerBound, position = start, count = 0
            while position < word.upperBound {
                _ = bytes.scalar(at: &position)
                count += 1
                if count == length || position == word.upperBound {
                    parts.append(start..<position)
                    (start, count) = (position, 0)
                }
            }
        }
    }
}
