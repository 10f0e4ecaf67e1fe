/// Draws by count: draw k of input n is a function of seed, n and k, so that a number says all about an input.
struct CountedGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64, input: UInt64) {
        state = Self.mixed(seed &+ 0x9E37_79B9_7F4A_7C15) ^ Self.mixed(input &* 0xD1B5_4A32_D192_ED03 &+ 1)
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// SplitMix64's output function (Steele et al. 2014).
    private static func mixed(_ word: UInt64) -> UInt64 {
        var z = word
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Damages bytes as files are damaged, and as people who mean harm damage them.
enum Mutator {
    /// Numbers at the edges of types, and what is no number where one was.
    private static let literals = [
        "0", "-1", "1", "-0.0", "0.5", "1e999", "-1e999", "1e-400", "1e18", "127", "128", "255", "256", "65536", "2147483647",
        "2147483648", "-2147483649", "4294967296", "9007199254740993", "9223372036854775807", "9223372036854775808",
        "-9223372036854775808", "18446744073709551616", "NaN", "Infinity", "null", "true", "\"\"", "\"x\"", "[]", "{}", "[1]", "[[]]",
    ]

    /// Bytes that mean something in one format or another, and broken UTF-8.
    private static let bytes: [UInt8] = [
        0, 1, 9, 10, 13, 32, 34, 39, 40, 41, 44, 45, 46, 47, 48, 57, 58, 59, 91, 92, 93, 123, 125, 127, 128, 0xC0, 0xC3, 0xE2, 0xED, 0xEF,
        0xF0, 0xF4, 0xFE, 0xFF,
    ]

    /// - Parameter others: Further files, parts of which may get into this one.
    static func mutated(_ original: [UInt8], others: [[UInt8]], _ generator: inout CountedGenerator) -> [UInt8] {
        var content = original
        for _ in 0..<Int.random(in: 1...6, using: &generator) { mutate(&content, others, &generator) }
        return content
    }

    private static func mutate(_ content: inout [UInt8], _ others: [[UInt8]], _ generator: inout CountedGenerator) {
        let place = Int.random(in: 0...content.count, using: &generator)
        let range = place..<min(content.count, place + (1 << Int.random(in: 0...8, using: &generator)))
        switch Int.random(in: 0..<14, using: &generator) {
        case 0 where place < content.count: content[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1 where place < content.count: content[place] = bytes.randomElement(using: &generator)!
        case 2: content.insert(bytes.randomElement(using: &generator)!, at: place)
        case 3: content.removeSubrange(range)
        case 4: content.insert(contentsOf: content[range], at: place)
        case 5: content.insert(contentsOf: content[range], at: Int.random(in: 0...content.count, using: &generator))
        case 6 where Int.random(in: 0..<4, using: &generator) == 0: content.removeSubrange(place...)
        case 7:
            guard let other = others.randomElement(using: &generator), !other.isEmpty else { return }
            let start = Int.random(in: 0..<other.count, using: &generator)
            content.replaceSubrange(range, with: other[start..<min(other.count, start + range.count)])
        case 8 where Int.random(in: 0..<40, using: &generator) == 0:
            // Nested deeper than a stack would hold.
            content.insert(contentsOf: [UInt8](repeating: [91, 123, 40, 34].randomElement(using: &generator)!, count: 200_000), at: place)
        case 9:
            // A word of 64 bits: lengths and offsets.
            guard content.count >= 8 else { return }
            let start = Bool.random(using: &generator) ? 0 : Int.random(in: 0...content.count - 8, using: &generator)
            let word = [0, 1, 8, .max, 1 << 63, 1 << 32, UInt64(content.count)].randomElement(using: &generator)!
            for i in 0..<8 { content[start + i] = UInt8(truncatingIfNeeded: word >> (8 * UInt64(i))) }
        default: replaceLiteral(&content, from: place, &generator)
        }
    }

    /// Puts another literal in the place of a number or string after `place`.
    private static func replaceLiteral(_ content: inout [UInt8], from place: Int, _ generator: inout CountedGenerator) {
        let isDigit = { (byte: UInt8) in (48...57).contains(byte) || byte == 45 || byte == 46 }
        let literal = literals.randomElement(using: &generator)!.utf8
        guard let start = content[place...].firstIndex(where: { isDigit($0) || $0 == 34 }) else {
            content.insert(contentsOf: literal, at: place)
            return
        }
        var end = start + 1
        if content[start] == 34 {
            end = content[end...].firstIndex(of: 34).map { $0 + 1 } ?? content.count
        } else {
            while end < content.count, isDigit(content[end]) { end += 1 }
        }
        content.replaceSubrange(start..<end, with: literal)
    }
}
