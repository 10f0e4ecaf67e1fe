/// What a reader takes for one character, as far as it takes few bytes: without the conjuncts of Indic scripts.
final class GraphemeClusters: Sendable {
    static let shared = GraphemeClusters()

    private enum Kind: UInt8 {
        case other, joining, control, prepended, pictograph, regional, leading, vowel, trailing, syllable, closedSyllable
    }

    private let kinds: [Kind]

    private init() {
        var kinds = [Kind](repeating: .other, count: 0x110000)
        for (name, set) in UnicodeClasses.classes(in: UnicodeData.graphemeClasses) {
            let kind: Kind =
                switch name {
                case "joining": .joining
                case "control": .control
                case "prepended": .prepended
                default: .pictograph
                }
            for range in set.ranges { for code in range { kinds[Int(code)] = kind } }
        }
        let hangul: [(Kind, ClosedRange<Int>)] = [
            (.regional, 0x1F1E6...0x1F1FF), (.leading, 0x1100...0x115F), (.leading, 0xA960...0xA97C), (.vowel, 0x1160...0x11A7),
            (.vowel, 0xD7B0...0xD7C6), (.trailing, 0x11A8...0x11FF), (.trailing, 0xD7CB...0xD7FB),
        ]
        for (kind, range) in hangul { for code in range { kinds[code] = kind } }
        for code in 0xAC00...0xD7A3 { kinds[code] = (code - 0xAC00) % 28 == 0 ? .syllable : .closedSyllable }
        self.kinds = kinds
    }

    /// Where the cluster at the start of `text[range]` ends.
    ///
    /// - Precondition: The range is not empty.
    func end(of text: [UInt8], _ range: Range<Int>) -> Int {
        var position = range.lowerBound
        var code = text.scalar(at: &position)
        var kind = kinds[Int(code)]
        // Whether pictographs with joiners between them may go on; and whether a flag is half there.
        var isPictograph = kind == .pictograph
        var isHalfFlag = kind == .regional
        while position < range.upperBound {
            var behind = position
            let next = text.scalar(at: &behind)
            let nextKind = kinds[Int(next)]
            let joins =
                switch (kind, nextKind) {
                case (.control, _): code == 0xD && next == 0xA
                case (_, .control): false
                case (_, .joining), (.prepended, _): true
                case (.leading, .leading), (.leading, .vowel), (.leading, .syllable), (.leading, .closedSyllable): true
                case (.syllable, .vowel), (.vowel, .vowel), (.syllable, .trailing), (.vowel, .trailing): true
                case (.closedSyllable, .trailing), (.trailing, .trailing): true
                case (.joining, .pictograph): isPictograph && code == 0x200D
                case (.regional, .regional): isHalfFlag
                default: false
                }
            guard joins else { break }
            isHalfFlag = nextKind == .regional && !(kind == .regional && isHalfFlag)
            isPictograph = nextKind == .pictograph || isPictograph && nextKind == .joining
            (code, kind, position) = (next, nextKind, behind)
        }
        return position
    }
}
