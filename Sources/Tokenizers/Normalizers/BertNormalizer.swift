/// The normalizer of BERT: drops control characters, makes all white space a space, sets ideographs apart,
/// drops accents, lowers case; each step can be switched off.
struct BertNormalizer: Normalizer {
    let cleansText: Bool
    let isolatesIdeographs: Bool
    /// `nil`: whatever `lowercases` is.
    let stripsAccents: Bool?
    let lowercases: Bool

    private let tables = UnicodeTables.shared
    /// What each ASCII character becomes; `dropped` if nothing.
    private let ascii: [UInt8]
    private static let dropped: UInt8 = 0xFF

    init(
        cleansText: Bool = true, isolatesIdeographs: Bool = true, stripsAccents: Bool? = nil,
        lowercases: Bool = true
    ) {
        self.cleansText = cleansText
        self.isolatesIdeographs = isolatesIdeographs
        self.stripsAccents = stripsAccents
        self.lowercases = lowercases
        let tables = self.tables
        ascii = (0..<128).map { (byte: UInt8) in
            let properties = tables.properties(of: UInt32(byte))
            if cleansText, properties & UnicodeTables.removed != 0 { return Self.dropped }
            if cleansText, properties & UnicodeTables.blank != 0 { return 0x20 }
            return lowercases && properties & UnicodeTables.hasLowercase != 0 ? byte | 0x20 : byte
        }
    }

    /// From the `normalizer` of `tokenizer.json`.
    init(_ node: Node) throws {
        self.init(
            cleansText: try node.required("clean_text").bool(),
            isolatesIdeographs: try node.required("handle_chinese_chars").bool(),
            stripsAccents: try node.present("strip_accents")?.bool(),
            lowercases: try node.required("lowercase").bool())
    }

    func normalize(_ text: [UInt8], _ range: Range<Int>, into output: inout RewrittenText) {
        let decomposes = stripsAccents ?? lowercases
        var pending = PendingMarks()
        var position = range.lowerBound
        while position < range.upperBound {
            let start = position
            let byte = text[position]
            if byte < 0x80 {
                position += 1
                let mapped = ascii[Int(byte)]
                if mapped == Self.dropped {
                    output.mark(start)
                    continue
                }
                if !pending.isEmpty { flush(&pending, into: &output) }
                output.bytes.append(mapped)
                continue
            }
            output.mark(start)
            let code = text.scalar(at: &position)
            let properties = tables.properties(of: code)
            if cleansText, properties & UnicodeTables.removed != 0 { continue }
            let isBlank = cleansText && properties & UnicodeTables.blank != 0
            let isIsolated = isolatesIdeographs && properties & UnicodeTables.ideograph != 0
            if isBlank || isIsolated {
                flush(&pending, into: &output)
                output.bytes.append(0x20)
            }
            if isBlank {
                output.trace(start)
                continue
            }
            if !decomposes {
                emit(code, properties, start, into: &output)
            } else if properties & UnicodeTables.hasDecomposition != 0 {
                var isFirst = true
                tables.forEachDecomposition(of: code) {
                    order($0, tables.properties(of: $0), isFirst: isFirst, start, &pending, into: &output)
                    isFirst = false
                }
            } else {
                order(code, properties, isFirst: true, start, &pending, into: &output)
            }
            if isIsolated {
                flush(&pending, into: &output)
                output.bytes.append(0x20)
                output.trace(start)
            }
        }
        flush(&pending, into: &output)
    }

    /// Takes one decomposed character: drops accents, and brings what marks remain into canonical order.
    private func order(
        _ code: UInt32, _ properties: UInt16, isFirst: Bool, _ start: Int, _ pending: inout PendingMarks,
        into output: inout RewrittenText
    ) {
        let rank = UnicodeTables.combiningRank(properties)
        let isDropped = isDropped(properties)
        if rank == 0 {
            // Also when the character itself is dropped: marks do not move across it.
            flush(&pending, into: &output)
            if !isDropped { emit(code, properties, start, into: &output) }
        } else if !isDropped || output.isTraced {
            pending.insert(PendingMarks.Mark(code: code, rank: rank, isFirst: isFirst, origin: start))
        }
    }

    private func isDropped(_ properties: UInt16) -> Bool { properties & UnicodeTables.nonspacingMark != 0 }

    private func flush(_ pending: inout PendingMarks, into output: inout RewrittenText) {
        if pending.isEmpty { return }
        for (mark, origin) in zip(pending.marks, pending.origins) {
            let properties = tables.properties(of: mark.code)
            if !isDropped(properties) { emit(mark.code, properties, origin, into: &output) }
        }
        pending.removeAll()
    }

    private func emit(_ code: UInt32, _ properties: UInt16, _ origin: Int, into output: inout RewrittenText) {
        if lowercases {
            tables.appendLowercase(of: code, properties, to: &output.bytes)
        } else {
            output.bytes.appendUTF8(of: code)
        }
        output.trace(origin)
    }
}
