/// Reads the syntax of Oniguruma, the engine of the reference, as far as tokenizers use it: everything but references back,
/// calls, conditions and absence.
struct RegularExpressionParser {
    /// What is wrong with an expression, and where.
    struct Problem: Error, Equatable {
        /// Counted in characters, from 0 on.
        let position: Int
        let text: String
    }

    private struct Flags {
        var ignoresCase = false
        /// Whether `.` is a line break, too.
        var dotsAreAll = false
        /// Whether blanks and comments are skipped.
        var isExtended = false
    }

    /// How deep groups and classes may stand in each other.
    static let deepest = 200
    private static let mostRepetitions = 1000

    private let scalars: [UInt32]
    var position = 0
    private var flags = Flags()
    var depth = 0
    let classes = UnicodeClasses.shared

    private init(_ text: String) { scalars = text.unicodeScalars.map(\.value) }

    static func tree(_ text: String) throws(Problem) -> RegularExpressionTree {
        var parser = RegularExpressionParser(text)
        let tree = try parser.choice()
        guard parser.position == parser.scalars.count else { throw parser.problem("a ) closes no group") }
        return tree
    }

    // MARK: Characters

    func problem(_ text: String) -> Problem { Problem(position: position, text: text) }

    func peek(_ offset: Int = 0) -> Unicode.Scalar? {
        position + offset < scalars.count ? Unicode.Scalar(scalars[position + offset]) : nil
    }

    mutating func take(_ text: String) -> Bool {
        let wanted = text.unicodeScalars.map(\.value)
        guard scalars[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    mutating func next() throws(Problem) -> Unicode.Scalar {
        guard let scalar = peek() else { throw problem("the expression ends too early") }
        position += 1
        return scalar
    }

    private mutating func skipBlanks() {
        while true {
            if take("(?#") {
                while let scalar = peek(), scalar != ")" { position += scalar == "\\" ? 2 : 1 }
                position = min(position + 1, scalars.count)
            } else if flags.isExtended, let scalar = peek(), scalar.value < 0x80, classes.blanks.contains(scalar.value) {
                position += 1
            } else if flags.isExtended, take("#") {
                while let scalar = peek(), scalar != "\n" { position += 1 }
            } else {
                return
            }
        }
    }

    // MARK: Structure

    private mutating func choice() throws(Problem) -> RegularExpressionTree {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepest { throw problem("groups stand more than \(Self.deepest) deep in each other") }
        let outer = flags
        defer { flags = outer }
        var choices = [try sequence()]
        while take("|") { choices.append(try sequence()) }
        return choices.count == 1 ? choices[0] : .choice(choices)
    }

    private mutating func sequence() throws(Problem) -> RegularExpressionTree {
        var parts: [RegularExpressionTree] = []
        while true {
            skipBlanks()
            guard let scalar = peek(), scalar != "|", scalar != ")" else { break }
            guard let part = try atom() else {
                // Flags without a group of their own: for the rest of the group, choices included.
                parts.append(try choice())
                break
            }
            parts.append(try quantified(part))
        }
        return parts.count == 1 ? parts[0] : parts.isEmpty ? .empty : .sequence(parts)
    }

    private mutating func quantified(_ atom: RegularExpressionTree) throws(Problem) -> RegularExpressionTree {
        var tree = atom
        var times = 0
        while true {
            skipBlanks()
            guard let (minimum, maximum, isInterval) = try quantifier() else { return tree }
            times += 1
            if times > Self.deepest { throw problem("more than \(Self.deepest) quantifiers follow each other") }
            var kind = RegularExpressionTree.Repetition.greedy
            if take("?") {
                if isInterval, minimum == maximum {
                    // A fixed number knows no laziness: it may be left out.
                    tree = .repeated(tree, minimum: minimum, maximum: maximum, .greedy)
                    tree = .repeated(tree, minimum: 0, maximum: 1, .greedy)
                    continue
                }
                kind = .lazy
            } else if !isInterval, take("+") {
                kind = .possessive
            }
            tree = .repeated(tree, minimum: minimum, maximum: maximum, kind)
        }
    }

    private mutating func quantifier() throws(Problem) -> (minimum: Int, maximum: Int?, isInterval: Bool)? {
        if take("*") { return (0, nil, false) }
        if take("+") { return (1, nil, false) }
        if take("?") { return (0, 1, false) }
        let start = position
        guard take("{") else { return nil }
        let minimum = try number()
        var maximum = minimum
        let hasComma = take(",")
        if hasComma { maximum = try number() }
        guard take("}"), minimum != nil || maximum != nil else {
            position = start
            return nil
        }
        if let minimum, let maximum, minimum > maximum { throw problem("{\(minimum),\(maximum)} ends before it begins") }
        return (minimum ?? 0, maximum, true)
    }

    private mutating func number() throws(Problem) -> Int? {
        var value: Int?
        while let scalar = peek(), ("0"..."9").contains(scalar) {
            let next = (value ?? 0) * 10 + Int(scalar.value - 48)
            if next > Self.mostRepetitions { throw problem("more than \(Self.mostRepetitions) repetitions") }
            value = next
            position += 1
        }
        return value
    }

    /// - Returns: nil where flags were set.
    private mutating func atom() throws(Problem) -> RegularExpressionTree? {
        let start = position
        switch try next() {
        case "(": return try group()
        case "[": return .set(try characterClass())
        case ".": return .set(flags.dotsAreAll ? .all : ScalarSet("\n").inverted)
        case "^": return .place(.startOfLine)
        case "$": return .place(.endOfLine)
        case "\\": return try escape()
        case "*", "+", "?":
            position = start
            throw problem("a quantifier follows nothing")
        case let scalar: return .set(single(scalar))
        }
    }

    func single(_ scalar: Unicode.Scalar) -> ScalarSet { cased(ScalarSet(scalar)) }

    func cased(_ set: ScalarSet) -> ScalarSet { flags.ignoresCase ? classes.caseInsensitive(set) : set }

    private mutating func group() throws(Problem) -> RegularExpressionTree? {
        let start = position
        func closed(_ make: (RegularExpressionTree) -> RegularExpressionTree = { $0 }, _ parser: inout Self) throws(Problem)
            -> RegularExpressionTree
        {
            let tree = try parser.choice()
            guard parser.take(")") else { throw Problem(position: start, text: "the group is not closed") }
            return make(tree)
        }
        guard take("?") else { return try closed({ $0 }, &self) }
        if take(":") { return try closed({ $0 }, &self) }
        if take("=") { return try closed({ .lookahead($0, isNegated: false) }, &self) }
        if take("!") { return try closed({ .lookahead($0, isNegated: true) }, &self) }
        if take(">") { return try closed({ .atomic($0) }, &self) }
        if take("<=") || take("<!") {
            let isNegated = scalars[position - 1] == 0x21
            let tree = try closed({ $0 }, &self)
            return try lookbehind(tree, isNegated: isNegated)
        }
        if take("<") || take("'") {
            let end: Unicode.Scalar = scalars[position - 1] == 0x27 ? "'" : ">"
            while try next() != end {}
            return try closed({ $0 }, &self)
        }
        var isOn = true
        let outer = flags
        while true {
            switch try next() {
            case "i": flags.ignoresCase = isOn
            case "m": flags.dotsAreAll = isOn
            case "x": flags.isExtended = isOn
            case "-": isOn = false
            case ")": return nil
            case ":":
                let tree = try closed({ $0 }, &self)
                flags = outer
                return tree
            default:
                position = start
                throw problem("the kind of this group is not supported")
            }
        }
    }

    private func lookbehind(_ tree: RegularExpressionTree, isNegated: Bool) throws(Problem) -> RegularExpressionTree {
        let choices = if case .choice(let choices) = tree { choices } else { [tree] }
        guard choices.allSatisfy({ $0.width.map { $0 < 256 } ?? false }) else {
            throw problem("what is looked back for must be of one length below 256")
        }
        let parts = choices.map { RegularExpressionTree.lookbehind($0, isNegated: isNegated) }
        return parts.count == 1 ? parts[0] : isNegated ? .sequence(parts) : .choice(parts)
    }
}
