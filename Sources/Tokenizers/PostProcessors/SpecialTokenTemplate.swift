/// Where special tokens stand around one text, and around two.
struct SpecialTokenTemplate: Sendable {
    enum Part: Sendable {
        case special([Int32], typeID: Int32)
        case first(typeID: Int32)
        case second(typeID: Int32)
    }

    /// One text and what is around it, and two.
    let single: [Part]
    let pair: [Part]
    /// The ids before one text, and after it.
    let leading: [Int32]
    let trailing: [Int32]

    /// No special tokens; the second text has type 1.
    static let plain = SpecialTokenTemplate(single: [.first(typeID: 0)], pair: [.first(typeID: 0), .second(typeID: 1)])

    /// - Parameter single: With the first text once.
    init(single: [Part], pair: [Part]) {
        self.single = single
        self.pair = pair
        let text = single.firstIndex { $0.ids == nil } ?? 0
        leading = single[..<text].flatMap { $0.ids ?? [] }
        trailing = single[text...].flatMap { $0.ids ?? [] }
    }

    /// How many special tokens these parts have.
    static func count(_ parts: [Part]) -> Int { parts.reduce(0) { $0 + ($1.ids?.count ?? 0) } }

    /// - Parameter texts: One or two.
    static func joined(_ parts: [Part], _ texts: [TokenList]) -> Encoding {
        var encoding = Encoding()
        for part in parts {
            switch part {
            case .special(let ids, let type):
                encoding.ids += ids
                encoding.typeIDs += repeatElement(type, count: ids.count)
                encoding.offsets += repeatElement(0..<0, count: ids.count)
                encoding.specialTokensMask += repeatElement(true, count: ids.count)
            case .first(let type): encoding.append(texts[0], type)
            case .second(let type): encoding.append(texts[1], type)
            }
        }
        return encoding
    }

    /// The lengths to which two texts are cut so that both together are no longer than `maximum`: the longer one
    /// first, and equally once they are as long as each other, an odd token going to the longer. The `longest_first` of
    /// the reference.
    static func lengths(_ first: Int, _ second: Int, maximum: Int) -> (first: Int, second: Int) {
        if first + second <= maximum { return (first, second) }
        var shorter = min(first, second)
        var longer = max(shorter, maximum - shorter)
        if shorter + longer > maximum {
            shorter = maximum / 2
            longer = maximum - shorter
        }
        return first > second ? (longer, shorter) : (shorter, longer)
    }
}

extension SpecialTokenTemplate.Part {
    /// Of special tokens; nil for a text.
    fileprivate var ids: [Int32]? { if case .special(let ids, _) = self { ids } else { nil } }
}

extension Encoding {
    fileprivate mutating func append(_ tokens: TokenList, _ type: Int32) {
        ids += tokens.ids
        typeIDs += repeatElement(type, count: tokens.count)
        offsets += tokens.offsets
        specialTokensMask += repeatElement(false, count: tokens.count)
    }
}
