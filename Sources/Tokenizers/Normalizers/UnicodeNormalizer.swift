/// The normalization forms of Unicode: `NFC`, `NFD`, `NFKC` and `NFKD` of `tokenizer.json`.
struct UnicodeNormalizer: Normalizer {
    /// Whether characters are put together again after they were taken apart: NFC and NFKC.
    let composes: Bool
    /// Whether characters that only look different become one: NFKC and NFKD.
    let isCompatible: Bool

    private let tables = UnicodeTables.shared

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout [UInt8]) {
        // The lead byte of the first character that a form changes: U+00A0, U+0300 or U+00C0.
        let changed: UInt8 = isCompatible ? 0xC2 : composes ? 0xCC : 0xC3
        var isUnchanged = true
        for index in range where text[index] >= changed { isUnchanged = false }
        if isUnchanged { return output += text[range] }
        var codes = decomposed(text, range)
        if composes { compose(&codes) }
        for code in codes { output.appendUTF8(of: code) }
    }

    private func decomposed(_ text: [UInt8], _ range: Range<Int>) -> [UInt32] {
        var codes: [UInt32] = []
        codes.reserveCapacity(range.count)
        var marks = PendingMarks()
        func add(_ code: UInt32) {
            let rank = UnicodeTables.combiningRank(tables.properties(of: code))
            if rank > 0 { return marks.insert(code, rank: rank) }
            codes += marks.codes
            marks.removeAll()
            codes.append(code)
        }
        let compositions = UnicodeCompositions.shared
        var position = range.lowerBound
        while position < range.upperBound {
            let code = text.scalar(at: &position)
            if isCompatible, compositions.forEachCompatible(of: code, add) { continue }
            if tables.properties(of: code) & UnicodeTables.hasDecomposition != 0 {
                tables.forEachDecomposition(of: code, add)
            } else {
                add(code)
            }
        }
        return codes + marks.codes
    }

    /// Unicode, chapter 3.11: a character joins the last starter unless something between them blocks it.
    private func compose(_ codes: inout [UInt32]) {
        let compositions = UnicodeCompositions.shared
        var result: [UInt32] = []
        result.reserveCapacity(codes.count)
        var starter: Int?
        var lastRank: UInt8 = 0
        for code in codes {
            let rank = UnicodeTables.combiningRank(tables.properties(of: code))
            if let starter, starter == result.count - 1 || lastRank < rank,
                let composite = compositions.composite(result[starter], code)
            {
                result[starter] = composite
                continue
            }
            if rank == 0 { starter = result.count }
            result.append(code)
            lastRank = rank
        }
        codes = result
    }
}
