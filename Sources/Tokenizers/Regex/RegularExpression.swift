/// A regular expression, searched for by backtracking: as other engines of the kind find matches, but with a bound on the work.
///
/// What was tried in vain at some place is remembered once a search takes long, and not tried again. So the time is at most
/// proportional to the length of the text times that of the expression, for each assertion that looks around.
struct RegularExpression: Sendable {
    private enum Instruction {
        case set(Int)
        /// As many characters of a set as there are, fewer where what follows asks for it; the point remembers failures.
        case run(Int, minimum: Int, maximum: Int, givesBack: Bool, point: Int)
        case split(Int, Int, point: Int)
        case jump(Int)
        case place(RegularExpressionTree.Place)
        /// The part behind this instruction, up to an accepting one, as a match of its own; then on from `next`.
        case look(isNegated: Bool, charactersBack: Int, next: Int)
        case atomic(next: Int)
        case accept
    }

    /// Longer programs are refused: repetitions of repetitions grow fast.
    private static let longestProgram = 4000

    private var program: [Instruction] = []
    private var sets: [ScalarSet] = []
    private var tables: [ScalarTable] = []
    /// How many instructions may be tried in vain.
    private var pointCount = 0
    private let firstCharacters: ScalarTable?

    init(_ text: String) throws(RegularExpressionParser.Problem) {
        let tree = try RegularExpressionParser.tree(text)
        firstCharacters = tree.firstCharacters.map { ScalarTable($0) }
        try compile(tree)
        try append(.accept)
        tables = sets.map { ScalarTable($0) }
    }

    // MARK: Compiling

    private mutating func append(_ instruction: Instruction) throws(RegularExpressionParser.Problem) {
        guard program.count < Self.longestProgram else {
            throw RegularExpressionParser.Problem(position: 0, text: "with its repetitions written out the expression is too long")
        }
        program.append(instruction)
    }

    private mutating func point() -> Int {
        pointCount += 1
        return pointCount - 1
    }

    private mutating func number(of set: ScalarSet) -> Int {
        if let number = sets.firstIndex(of: set) { return number }
        sets.append(set)
        return sets.count - 1
    }

    private mutating func compile(_ tree: RegularExpressionTree) throws(RegularExpressionParser.Problem) {
        switch tree {
        case .empty: break
        case .set(let set): try append(.set(number(of: set)))
        case .place(let place): try append(.place(place))
        case .sequence(let trees): for tree in trees { try compile(tree) }
        case .choice(let trees):
            var jumps: [Int] = []
            for tree in trees.dropLast() {
                let split = program.count
                try append(.accept)
                try compile(tree)
                jumps.append(program.count)
                try append(.accept)
                program[split] = .split(split + 1, program.count, point: point())
            }
            try compile(trees[trees.count - 1])
            for jump in jumps { program[jump] = .jump(program.count) }
        case .atomic(let tree): try compile(part: tree) { .atomic(next: $0) }
        case .lookahead(let tree, let isNegated):
            try compile(part: tree) { .look(isNegated: isNegated, charactersBack: 0, next: $0) }
        case .lookbehind(let tree, let isNegated):
            let width = tree.width ?? 0
            try compile(part: tree) { .look(isNegated: isNegated, charactersBack: width, next: $0) }
        case .repeated(let tree, let minimum, let maximum, let kind):
            try compile(tree, minimum, maximum, kind)
        }
    }

    private mutating func compile(
        part tree: RegularExpressionTree, _ instruction: (Int) -> Instruction
    ) throws(RegularExpressionParser.Problem) {
        let start = program.count
        try append(.accept)
        try compile(tree)
        try append(.accept)
        program[start] = instruction(program.count)
    }

    private mutating func compile(
        _ tree: RegularExpressionTree, _ minimum: Int, _ maximum: Int?, _ kind: RegularExpressionTree.Repetition
    ) throws(RegularExpressionParser.Problem) {
        if case .set(let set) = tree, kind != .lazy {
            return try append(
                .run(
                    number(of: set), minimum: minimum, maximum: maximum ?? .max, givesBack: kind == .greedy, point: point()))
        }
        if kind == .possessive {
            return try compile(.atomic(.repeated(tree, minimum: minimum, maximum: maximum, .greedy)))
        }
        for _ in 0..<minimum { try compile(tree) }
        func split(_ into: Int, _ past: Int, _ point: Int) -> Instruction {
            kind == .greedy ? .split(into, past, point: point) : .split(past, into, point: point)
        }
        if let maximum {
            var splits: [Int] = []
            for _ in 0..<(maximum - minimum) {
                splits.append(program.count)
                try append(.accept)
                try compile(tree)
            }
            for at in splits { program[at] = split(at + 1, program.count, point()) }
        } else {
            let start = program.count
            try append(.accept)
            try compile(tree)
            try append(.jump(start))
            program[start] = split(start + 1, program.count, point())
        }
    }

    // MARK: Searching

    /// What is left to try.
    private struct Attempt {
        let instruction: Int
        var position: Int
        /// For a run, down to which place it may give back, and where it ended.
        var run: ClosedRange<Int>?
        /// Of the run.
        var point = 0
    }

    /// What a search keeps from step to step.
    private struct Search {
        let text: [UInt8]
        let range: Range<Int>
        var stack: [Attempt] = []
        /// For each point, between which places going on has failed last.
        var failed: [(low: Int, high: Int)]
        /// Steps until what fails is remembered.
        var stepsLeft: Int
        /// A bit for each point and place; empty until it is needed.
        var tried: [UInt64] = []
        /// In how many parts of the expression the search is, and the bits that were set there: a part that matched takes them back.
        var depth = 0
        var log: [Int] = []
        /// Where the matches of parts ended, -1 for none, by part and place.
        var results: [Int: Int] = [:]
        var start: Int
    }

    /// Calls `body` with the matches in `text[range]`, from the left, without overlaps; what is outside of the range is not seen.
    /// A match may be empty where no other ended, but nothing is found in an empty text.
    func forEachMatch(in text: [UInt8], _ range: Range<Int>, _ body: (Range<Int>) -> Void) {
        if range.isEmpty { return }
        var search = Search(
            text: text, range: range, failed: [(low: Int, high: Int)](repeating: (1, 0), count: pointCount),
            stepsLeft: 1000 + 16 * range.count, start: range.lowerBound)
        var position = range.lowerBound
        var lastEnd: Int?
        while position <= range.upperBound {
            guard let match = firstMatch(from: position, &search) else { return }
            if match.isEmpty, match.lowerBound == lastEnd {
                if match.lowerBound == range.upperBound { return }
                position = match.lowerBound
                _ = text.scalar(at: &position)
                continue
            }
            body(match)
            position = match.upperBound
            lastEnd = position
        }
    }

    private func firstMatch(from start: Int, _ search: inout Search) -> Range<Int>? {
        var position = start
        search.start = start
        while true {
            var next = position
            if position < search.range.upperBound {
                let code = search.text.scalar(at: &next)
                if let firstCharacters, !firstCharacters.contains(code) {
                    position = next
                    continue
                }
            } else if firstCharacters != nil {
                return nil
            }
            if let end = match(from: 0, at: position, &search) {
                forgetTried(at: end, &search)
                return position..<end
            }
            if position >= search.range.upperBound { return nil }
            position = next
        }
    }

    /// A match went over this place: what was tried here has not failed, unlike what was tried behind it.
    private func forgetTried(at position: Int, _ search: inout Search) {
        for point in search.failed.indices where search.failed[point].low <= position { search.failed[point].low = position + 1 }
        if search.tried.isEmpty { return }
        let first = (position - search.range.lowerBound) * pointCount
        for bit in first..<first + pointCount { search.tried[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
    }

    /// Whether going on from here failed before; says so the next time.
    private func isTried(_ point: Int, _ position: Int, _ search: inout Search) -> Bool {
        search.stepsLeft -= 1
        if search.stepsLeft > 0 { return false }
        if search.tried.isEmpty {
            search.tried = [UInt64](repeating: 0, count: (search.range.count + 1) * pointCount / 64 + 1)
        }
        let bit = (position - search.range.lowerBound) * pointCount + point
        if search.tried[bit >> 6] >> UInt64(bit & 63) & 1 != 0 { return true }
        search.tried[bit >> 6] |= 1 << UInt64(bit & 63)
        if search.depth > 0 { search.log.append(bit) }
        return false
    }

    /// Where the match of a part ends.
    private func result(of part: Int, at position: Int, _ search: inout Search) -> Int? {
        let remembers = search.stepsLeft <= 0
        let key = position * program.count + part
        if remembers, let known = search.results[key] { return known < 0 ? nil : known }
        let logged = search.log.count
        let failed = search.failed
        search.depth += 1
        let end = match(from: part, at: position, &search)
        search.depth -= 1
        if end != nil {
            for bit in search.log[logged...] { search.tried[bit >> 6] &= ~(1 << UInt64(bit & 63)) }
            search.failed = failed
        }
        if search.depth == 0 || end != nil { search.log.removeSubrange(logged...) }
        if remembers { search.results[key] = end ?? -1 }
        return end
    }

    private func match(from first: Int, at start: Int, _ search: inout Search) -> Int? {
        let base = search.stack.count
        let end = search.range.upperBound
        var at = first, position = start
        while true {
            var fails = false
            switch program[at] {
            case .set(let set):
                if position < end, tables[set].contains(search.text.scalar(at: &position)) { at += 1 } else { fails = true }
            case .run(let set, let minimum, let maximum, let givesBack, let point):
                var next = position, count = 0
                while count < minimum, next < end, tables[set].contains(search.text.scalar(at: &next)) { count += 1 }
                // A run that begins within one that failed ends where that did.
                if count < minimum || givesBack && search.failed[point].low <= next && next <= search.failed[point].high {
                    fails = true
                    break
                }
                let lowest = next
                var behind = next
                while count < maximum, next < end, tables[set].contains(search.text.scalar(at: &behind)) {
                    next = behind
                    count += 1
                }
                at += 1
                if givesBack, next > lowest {
                    search.stack.append(Attempt(instruction: at, position: next, run: lowest...next, point: point))
                    fails = true  // Goes on with what was just left to try.
                } else {
                    position = next
                }
            case .split(let one, let other, let point):
                if isTried(point, position, &search) {
                    fails = true
                } else {
                    search.stack.append(Attempt(instruction: other, position: position))
                    at = one
                }
            case .jump(let next): at = next
            case .place(let place):
                if holds(place, at: position, search) { at += 1 } else { fails = true }
            case .look(let isNegated, let charactersBack, let next):
                var from: Int? = position
                for _ in 0..<charactersBack {
                    from = from.flatMap { $0 > search.range.lowerBound ? search.text.startOfScalar(before: $0) : nil }
                }
                let found = from.map { result(of: at + 1, at: $0, &search) != nil } ?? false
                if found != isNegated { at = next } else { fails = true }
            case .atomic(let next):
                if let behind = result(of: at + 1, at: position, &search) {
                    position = behind
                    at = next
                } else {
                    fails = true
                }
            case .accept:
                search.stack.removeSubrange(base...)
                return position
            }
            while fails {
                guard search.stack.count > base else { return nil }
                let top = search.stack.count - 1
                let entry = search.stack[top]
                at = entry.instruction
                position = entry.position
                guard let run = entry.run else {
                    search.stack.removeLast()
                    break
                }
                if position < run.lowerBound {
                    // Nothing is left to give back.
                    search.stack.removeLast()
                    if isUnbounded(entry.instruction - 1) { search.failed[entry.point] = (run.lowerBound, run.upperBound) }
                    continue
                }
                search.stack[top].position = position > search.range.lowerBound ? search.text.startOfScalar(before: position) : -1
                if !isTried(entry.point, position, &search) { break }
            }
        }
    }

    private func isUnbounded(_ instruction: Int) -> Bool {
        if case .run(_, _, .max, _, _) = program[instruction] { true } else { false }
    }

    private func holds(_ place: RegularExpressionTree.Place, at position: Int, _ search: Search) -> Bool {
        let range = search.range, newline = UInt8(ascii: "\n")
        switch place {
        case .startOfText: return position == range.lowerBound
        case .endOfText: return position == range.upperBound
        case .startOfSearch: return position == search.start
        case .startOfLine:
            return position == range.lowerBound || search.text[position - 1] == newline && position < range.upperBound
        case .endOfLine: return position == range.upperBound || search.text[position] == newline
        case .endOfLastLine:
            return position == range.upperBound || position + 1 == range.upperBound && search.text[position] == newline
        case .wordBoundary, .noWordBoundary:
            let words = UnicodeClasses.shared.wordCharacters
            var before = false, after = false
            if position > range.lowerBound {
                var start = search.text.startOfScalar(before: position)
                before = words.contains(search.text.scalar(at: &start))
            }
            if position < range.upperBound {
                var start = position
                after = words.contains(search.text.scalar(at: &start))
            }
            return (before != after) == (place == .wordBoundary)
        }
    }
}
