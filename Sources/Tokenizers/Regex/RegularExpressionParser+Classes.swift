/// What stands for one character: escapes, and classes in brackets.
extension RegularExpressionParser {
    mutating func escape() throws(Problem) -> RegularExpressionTree {
        let start = position
        switch try next() {
        case "A": return .place(.startOfText)
        case "z": return .place(.endOfText)
        case "Z": return .place(.endOfLastLine)
        case "b": return .place(.wordBoundary)
        case "B": return .place(.noWordBoundary)
        case "G": return .place(.startOfSearch)
        case "R":
            let breaks = ScalarSet([0xA...0xD, 0x85...0x85, 0x2028...0x2029])
            return .atomic(.choice([.sequence([.set(ScalarSet("\r")), .set(ScalarSet("\n"))]), .set(breaks)]))
        case "N": return .set(ScalarSet("\n").inverted)
        case "O": return .set(.all)
        case "1"..."9", "k", "g", "X", "K", "y", "Y":
            position = start
            throw problem("\\\(Character(try next())) is not supported")
        default:
            position = start
            return .set(try escapedSet(isInClass: false))
        }
    }

    /// A class such as `\d`, or a single character, behind a backslash.
    private mutating func escapedSet(isInClass: Bool) throws(Problem) -> ScalarSet {
        let words = isInClass ? classes.words : classes.wordCharacters
        let hexadecimal = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
        switch peek() {
        case "s"?: position += 1; return classes.blanks
        case "S"?: position += 1; return classes.blanks.inverted
        case "d"?: position += 1; return classes.digits
        case "D"?: position += 1; return classes.digits.inverted
        case "w"?: position += 1; return words
        case "W"?: position += 1; return words.inverted
        case "h"?: position += 1; return hexadecimal
        case "H"?: position += 1; return hexadecimal.inverted
        case "p"? where peek(1) == "{": position += 1; return try property(isInverted: false)
        case "P"? where peek(1) == "{": position += 1; return try property(isInverted: true)
        default: return single(try escapedScalar())
        }
    }

    private mutating func property(isInverted: Bool) throws(Problem) -> ScalarSet {
        position += 1
        let isInverted = take("^") != isInverted
        var name = ""
        while let scalar = peek(), scalar != "}" {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take("}") else { throw problem("the name of the property is not closed") }
        guard let set = classes.named(name) else { throw problem("the property \"\(name)\" is not known") }
        let cased = cased(set)
        return isInverted ? cased.inverted : cased
    }

    private mutating func escapedScalar() throws(Problem) -> Unicode.Scalar {
        switch try next() {
        case "t": return "\t"
        case "n": return "\n"
        case "r": return "\r"
        case "f": return "\u{C}"
        case "v": return "\u{B}"
        case "a": return "\u{7}"
        case "e": return "\u{1B}"
        case "x":
            if take("{") {
                let scalar = try code(digits: 1...8)
                guard take("}") else { throw problem("\\x{ is not closed") }
                return scalar
            }
            return try code(digits: 0...2)
        case "u": return try code(digits: 4...4)
        case "0":
            var value: UInt32 = 0
            for _ in 0..<2 {
                guard let digit = peek(), ("0"..."7").contains(digit) else { break }
                value = value * 8 + digit.value - 48
                position += 1
            }
            return Unicode.Scalar(value) ?? "\0"
        case let scalar: return scalar
        }
    }

    private mutating func code(digits: ClosedRange<Int>) throws(Problem) -> Unicode.Scalar {
        var value: UInt32 = 0, count = 0
        while count < digits.upperBound, let scalar = peek(), let digit = UInt32(String(Character(scalar)), radix: 16) {
            value = value << 4 | digit
            count += 1
            position += 1
        }
        guard count >= digits.lowerBound, let scalar = Unicode.Scalar(value) else { throw problem("no character has this number") }
        return scalar
    }

    // MARK: Classes

    mutating func characterClass() throws(Problem) -> ScalarSet {
        depth += 1
        defer { depth -= 1 }
        if depth > Self.deepest { throw problem("classes stand more than \(Self.deepest) deep in each other") }
        let start = position
        let isInverted = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var intersected: ScalarSet?
        var isFirst = true
        func finished() -> ScalarSet {
            let set = cased(ScalarSet(ranges))
            return intersected.map { $0.intersection(set) } ?? set
        }
        while true {
            guard peek() != nil else {
                position = start
                throw problem("the class is not closed")
            }
            defer { isFirst = false }
            if peek() == "]", !isFirst {
                position += 1
                let set = finished()
                return isInverted ? set.inverted : set
            }
            if take("&&") {
                intersected = finished()
                ranges = []
                continue
            }
            if let named = try posixClass() {
                ranges += named.ranges
                continue
            }
            if take("[") {
                ranges += try characterClass().ranges
                continue
            }
            let (set, scalar) = try classMember()
            guard let scalar, peek() == "-", let end = peek(1), end != "]" else {
                ranges += set.ranges
                continue
            }
            position += 1
            if peek() == "[" {
                ranges += set.ranges + [0x2D...0x2D]
                continue
            }
            let (last, lastScalar) = try classMember()
            guard let lastScalar else {
                ranges += set.ranges + [0x2D...0x2D] + last.ranges
                continue
            }
            guard scalar <= lastScalar else { throw problem("the range ends before it begins") }
            ranges.append(scalar.value...lastScalar.value)
        }
    }

    /// A member of a class, and which character it is if it is one.
    private mutating func classMember() throws(Problem) -> (ScalarSet, Unicode.Scalar?) {
        guard take("\\") else {
            let scalar = try next()
            return (ScalarSet(scalar), scalar)
        }
        switch peek() {
        case "b"?:
            position += 1
            return (ScalarSet("\u{8}"), "\u{8}")
        case "s"?, "S"?, "d"?, "D"?, "w"?, "W"?, "h"?, "H"?: return (try escapedSet(isInClass: true), nil)
        case "p"? where peek(1) == "{", "P"? where peek(1) == "{": return (try escapedSet(isInClass: true), nil)
        case "R"?, "X"?: throw problem("\\\(Character(try next())) is not supported in a class")
        default:
            let scalar = try escapedScalar()
            return (ScalarSet(scalar), scalar)
        }
    }

    private mutating func posixClass() throws(Problem) -> ScalarSet? {
        let start = position
        guard take("[:") else { return nil }
        let isInverted = take("^")
        var name = ""
        while let scalar = peek(), ("a"..."z").contains(scalar) {
            name.unicodeScalars.append(scalar)
            position += 1
        }
        guard take(":]"), let set = classes.named(name) else {
            position = start
            return nil
        }
        return isInverted ? set.inverted : set
    }
}
