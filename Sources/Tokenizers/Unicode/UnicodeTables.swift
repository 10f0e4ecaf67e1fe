/// Properties, lower case and canonical decomposition of every character, as the reference library has them.
///
/// The standard library's own are not asked: they follow the Unicode version of the toolchain, and the ids of
/// a text must not depend on that.
final class UnicodeTables: Sendable {
    static let shared = UnicodeTables()

    typealias Properties = UInt16
    static let removed: Properties = 1
    static let blank: Properties = 2
    static let punctuation: Properties = 4
    static let ideograph: Properties = 8
    static let nonspacingMark: Properties = 16
    static let wordCharacter: Properties = 32
    static let hasLowercase: Properties = 64
    static let hasDecomposition: Properties = 128

    /// One for each code point; the upper eight bits are the rank of the combining class.
    private let properties: [Properties]
    private let lowercase: ScalarMapping
    private let decompositions: ScalarMapping

    private static let hangulSyllables: ClosedRange<UInt32> = 0xAC00...0xD7A3

    private init() {
        var properties = [Properties](repeating: 0, count: 0x110000)
        // What stands in two tables of a property is taken back.
        func mark(_ property: Properties, _ tables: String...) {
            for table in tables { HexadecimalScanner.forEachCode(in: table) { properties[Int($0)] ^= property } }
        }
        mark(Self.removed, UnicodeData.removed)
        mark(Self.blank, UnicodeData.blanks)
        mark(Self.punctuation, UnicodeData.punctuation)
        mark(Self.ideograph, UnicodeData.ideographs)
        mark(Self.nonspacingMark, UnicodeData.combiningMarks, UnicodeData.nonspacingMarkChanges)
        for (name, set) in UnicodeClasses.classes(in: UnicodeData.generalCategories) where name.hasPrefix("L") {
            for range in set.ranges { for code in range { properties[Int(code)] ^= Self.wordCharacter } }
        }
        mark(Self.wordCharacter, UnicodeData.combiningMarks, UnicodeData.wordCharacterChanges)

        var scanner = HexadecimalScanner(UnicodeData.combiningClasses)
        var rank: Properties = 0
        while let first = scanner.number() {
            if scanner.skip(":") {
                rank = Properties(first)
            } else {
                let last = scanner.skip("-") ? scanner.number() ?? first : first
                for code in first...last { properties[Int(code)] |= rank << 8 }
            }
        }

        lowercase = ScalarMapping(UnicodeData.lowercase)
        decompositions = ScalarMapping(UnicodeData.decompositions)
        for code in lowercase.keys { properties[Int(code)] |= Self.hasLowercase }
        for code in decompositions.keys { properties[Int(code)] |= Self.hasDecomposition }
        for code in Self.hangulSyllables { properties[Int(code)] |= Self.hasDecomposition }
        self.properties = properties
    }

    @inline(__always)
    func properties(of code: UInt32) -> Properties {
        properties[Int(code)]
    }

    func isBlank(_ code: UInt32) -> Bool { properties(of: code) & Self.blank != 0 }

    /// The place of the character's canonical combining class among all classes; 0 for class 0.
    static func combiningRank(_ properties: Properties) -> UInt8 {
        UInt8(properties >> 8)
    }

    /// Appends the lower case of a character, which is itself where there is no other.
    @inline(__always)
    func appendLowercase(of code: UInt32, _ properties: Properties, to output: inout [UInt8]) {
        if properties & Self.hasLowercase != 0 {
            lowercase.forEach(of: code) { output.appendUTF8(of: $0) }
        } else {
            output.appendUTF8(of: code)
        }
    }

    /// Calls `body` with the characters of the full decomposition of one that `hasDecomposition`.
    func forEachDecomposition(of code: UInt32, _ body: (UInt32) -> Void) {
        guard Self.hangulSyllables.contains(code) else { return decompositions.forEach(of: code, body) }
        // Unicode, chapter 3.12: a syllable is a leading consonant, a vowel and maybe a trailing consonant.
        let index = code - Self.hangulSyllables.lowerBound
        body(0x1100 + index / 588)
        body(0x1161 + index % 588 / 28)
        if index % 28 != 0 { body(0x11A7 + index % 28) }
    }
}
