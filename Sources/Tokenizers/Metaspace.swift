/// Makes spaces a visible sign that begins words, and back: `Metaspace` of `tokenizer.json`, as SentencePiece's models use it.
struct Metaspace: PreTokenizer, TokenDecoder {
    private enum Prepending: String, CaseIterable {
        case always
        /// Only where the input begins.
        case first
        case never
    }

    private let sign: Unicode.Scalar
    private let prepending: Prepending
    private let splits: Bool

    init(_ node: Node) throws {
        let replacement = try node.required("replacement")
        guard let sign = Unicode.Scalar(try replacement.character()) else { throw replacement.mismatch("a single character") }
        self.sign = sign
        let prefixes = try node.present("add_prefix_space")?.bool() ?? true
        prepending =
            try node.present("prepend_scheme")?.choice(
                "the scheme", among: Prepending.allCases.map { ($0.rawValue, $0) }) ?? (prefixes ? .always : .never)
        splits = try node.present("split")?.bool() ?? true
    }

    func split(_ text: inout SplitText) {
        let sign = Array(String(self.sign).utf8)
        text.rewrite { bytes, word, isFirst, output in
            let startsWithSign = bytes[word.lowerBound] == UInt8(ascii: " ") || bytes[word].starts(with: sign)
            if !startsWithSign, prepending == .always || prepending == .first && isFirst {
                output.bytes += sign
                output.trace(word.lowerBound)
            }
            for index in word {
                guard bytes[index] == UInt8(ascii: " ") else {
                    output.bytes.append(bytes[index])
                    continue
                }
                output.mark(index)
                output.bytes += sign
                output.trace(index)
            }
        }
        guard splits else { return }
        text.split { bytes, word, parts in
            var signs: [Range<Int>] = []
            TextPattern.forEachOccurrence(of: sign, in: bytes, word) { signs.append($0) }
            DelimiterBehavior.mergedWithNext.append(word, cutAt: signs, to: &parts)
        }
    }

    var asksForStart: Bool { prepending == .first }

    func decode(_ tokens: [String]) -> [String] {
        tokens.enumerated().map { index, token in
            var text = String.UnicodeScalarView()
            for scalar in token.unicodeScalars {
                if scalar != sign {
                    text.append(scalar)
                } else if index > 0 || prepending == .never {
                    text.append(" ")
                }
            }
            return String(text)
        }
    }
}
