/// The normalization forms of Unicode: `NFC`, `NFD`, `NFKC` and `NFKD` of `tokenizer.json`.
struct UnicodeNormalizer: Normalizer {
    /// Whether characters are put together again after they were taken apart: NFC and NFKC.
    let composes: Bool
    /// Whether characters that only look different become one: NFKC and NFKD.
    let isCompatible: Bool

    private let tables = UnicodeTables.shared

    /// A character, and its change as `CharacterChanges` counts.
    private struct Step {
        let code: UInt32
        let change: Int32
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        // The lead byte of the first character that a form changes: U+00A0, U+0300 or U+00C0.
        let changed: UInt8 = isCompatible ? 0xC2 : composes ? 0xCC : 0xC3
        var isUnchanged = true
        for index in range where text[index] >= changed { isUnchanged = false }
        if isUnchanged { return output.copy(text, range) }
        var characters = decomposed(text, range)
        if composes { compose(&characters) }
        for character in characters { output.bytes.appendUTF8(of: character.code) }
        guard output.isTraced else { return }
        var changes = CharacterChanges()
        for character in characters { changes.append(character.code, Int(character.change)) }
        output.trace(changes, in: text, range)
    }

    private func decomposed(_ text: [UInt8], _ range: Range<Int>) -> [Step] {
        var characters: [Step] = []
        characters.reserveCapacity(range.count)
        var marks = PendingMarks()
        func flush() {
            for mark in marks.marks { characters.append(Step(code: mark.code, change: mark.isFirst ? 0 : 1)) }
            marks.removeAll()
        }
        var isFirst = true
        func add(_ code: UInt32) {
            let rank = UnicodeTables.combiningRank(tables.properties(of: code))
            if rank > 0 {
                marks.insert(PendingMarks.Mark(code: code, rank: rank, isFirst: isFirst))
            } else {
                if !marks.isEmpty { flush() }
                characters.append(Step(code: code, change: isFirst ? 0 : 1))
            }
            isFirst = false
        }
        let compositions = UnicodeCompositions.shared
        var position = range.lowerBound
        while position < range.upperBound {
            let code = text.scalar(at: &position)
            isFirst = true
            if isCompatible, compositions.forEachCompatible(of: code, add) { continue }
            if tables.properties(of: code) & UnicodeTables.hasDecomposition != 0 {
                tables.forEachDecomposition(of: code, add)
            } else {
                add(code)
            }
        }
        flush()
        return characters
    }

    /// Unicode, chapter 3.11: a character joins the last starter unless something between them blocks it.
    private func compose(_ characters: inout [Step]) {
        let compositions = UnicodeCompositions.shared
        var result: [Step] = []
        result.reserveCapacity(characters.count)
        var starter: Int?
        var lastRank: UInt8 = 0
        for character in characters {
            let rank = UnicodeTables.combiningRank(tables.properties(of: character.code))
            if let starter, starter == result.count - 1 || lastRank < rank,
                let composite = compositions.composite(result[starter].code, character.code)
            {
                result[starter] = Step(code: composite, change: result[starter].change + character.change - 1)
                continue
            }
            if rank == 0 { starter = result.count }
            result.append(character)
            lastRank = rank
        }
        characters = result
    }
}
