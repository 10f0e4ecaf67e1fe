/// Where special tokens stand around one text, and around two.
struct SpecialTokenTemplate: Sendable {
    enum Part: Sendable {
        case special([Int32], typeID: Int32)
        case first(typeID: Int32)
        case second(typeID: Int32)
    }

    /// Before one text, and after it.
    let leading: [Int32]
    let trailing: [Int32]
    /// Two texts and what is around them.
    let pair: [Part]

    /// No special tokens; the second text has type 1.
    static let plain = SpecialTokenTemplate(leading: [], trailing: [], pair: [.first(typeID: 0), .second(typeID: 1)])

    /// How many special tokens two texts get.
    var pairCount: Int {
        pair.reduce(0) { count, part in
            if case .special(let ids, _) = part { count + ids.count } else { count }
        }
    }

    func joined(_ first: [Int32], _ second: [Int32]) -> (ids: [Int32], typeIDs: [Int32]) {
        var ids: [Int32] = [], typeIDs: [Int32] = []
        ids.reserveCapacity(first.count + second.count + 4)
        typeIDs.reserveCapacity(first.count + second.count + 4)
        for part in pair {
            let (part, type) =
                switch part {
                case .special(let ids, let type): (ids, type)
                case .first(let type): (first, type)
                case .second(let type): (second, type)
                }
            ids += part
            typeIDs += repeatElement(type, count: part.count)
        }
        return (ids, typeIDs)
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
