/// What a regular expression says.
indirect enum RegularExpressionTree: Sendable {
    /// What may follow a quantifier's numbers.
    enum Repetition: Sendable {
        case greedy
        case lazy
        /// Gives back nothing.
        case possessive
    }

    /// A place between characters.
    enum Place: Sendable {
        case startOfLine
        case endOfLine
        case startOfText
        case endOfText
        /// The end of the text, or before a line break there.
        case endOfLastLine
        case wordBoundary
        case noWordBoundary
        case startOfSearch
    }

    case empty
    case set(ScalarSet)
    case place(Place)
    case sequence([RegularExpressionTree])
    /// The first that leads to a match.
    case choice([RegularExpressionTree])
    /// - Parameter maximum: nil for any number.
    case repeated(RegularExpressionTree, minimum: Int, maximum: Int?, Repetition)
    case atomic(RegularExpressionTree)
    case lookahead(RegularExpressionTree, isNegated: Bool)
    case lookbehind(RegularExpressionTree, isNegated: Bool)

    /// How many characters every match has; nil where it depends.
    var width: Int? {
        switch self {
        case .empty, .place, .lookahead, .lookbehind: return 0
        case .set: return 1
        case .atomic(let tree): return tree.width
        case .sequence(let trees): return Self.sum(trees.map(\.width))
        case .choice(let trees):
            guard let first = trees.first?.width, trees.allSatisfy({ $0.width == first }) else { return nil }
            return first
        case .repeated(let tree, let minimum, let maximum, _):
            guard minimum == maximum, let width = tree.width else { return nil }
            let (product, overflows) = width.multipliedReportingOverflow(by: minimum)
            return overflows ? nil : product
        }
    }

    private static func sum(_ widths: [Int?]) -> Int? {
        var total = 0
        for width in widths {
            guard let width else { return nil }
            let (sum, overflows) = total.addingReportingOverflow(width)
            if overflows { return nil }
            total = sum
        }
        return total
    }

    /// With what a match can begin; nil where it may begin with anything, or be empty.
    var firstCharacters: ScalarSet? {
        switch self {
        case .empty, .place, .lookahead, .lookbehind: return nil
        case .set(let set): return set
        case .atomic(let tree): return tree.firstCharacters
        case .sequence(let trees):
            var trees = trees[...]
            while case .place? = trees.first { trees.removeFirst() }
            while case .lookahead? = trees.first { trees.removeFirst() }
            return trees.first?.firstCharacters
        case .choice(let trees):
            var all = ScalarSet()
            for tree in trees {
                guard let set = tree.firstCharacters else { return nil }
                all = all.union(set)
            }
            return all
        case .repeated(let tree, let minimum, _, _): return minimum > 0 ? tree.firstCharacters : nil
        }
    }
}
