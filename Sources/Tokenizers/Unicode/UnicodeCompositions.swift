/// What the forms NFC, NFKC and NFKD need beside canonical decompositions.
final class UnicodeCompositions: Sendable {
    static let shared = UnicodeCompositions()

    private let compatible: ScalarMapping
    private let hasCompatible: Set<UInt32>
    /// By the two characters, the first in the upper half.
    private let composites: [UInt64: UInt32]

    private init() {
        compatible = ScalarMapping(UnicodeData.compatibilityDecompositions)
        hasCompatible = Set(compatible.keys)

        var excluded: Set<UInt32> = []
        HexadecimalScanner.forEachCode(in: UnicodeData.compositionExclusions) { excluded.insert($0) }
        let decompositions = ScalarMapping(UnicodeData.decompositions)
        var composites: [UInt64: UInt32] = [:]
        // Shorter ones first: what a longer one begins with is a composite itself.
        let sequences = decompositions.keys.filter { !excluded.contains($0) }.map { code in
            var sequence: [UInt32] = []
            decompositions.forEach(of: code) { sequence.append($0) }
            return (code: code, sequence: sequence)
        }.sorted { ($0.sequence.count, $0.code) < ($1.sequence.count, $1.code) }
        for (code, sequence) in sequences {
            let first = sequence[1..<(sequence.count - 1)].reduce(sequence[0]) { first, next in
                composites[Self.key(first, next)] ?? first
            }
            composites[Self.key(first, sequence[sequence.count - 1])] = code
        }
        self.composites = composites
    }

    private static func key(_ first: UInt32, _ second: UInt32) -> UInt64 { UInt64(first) << 32 | UInt64(second) }

    /// Calls `body` with the characters of the full compatibility decomposition, if there is one beside the canonical one.
    func forEachCompatible(of code: UInt32, _ body: (UInt32) -> Void) -> Bool {
        guard code >= 0xA0, hasCompatible.contains(code) else { return false }
        compatible.forEach(of: code, body)
        return true
    }

    /// The character that two make together.
    func composite(_ first: UInt32, _ second: UInt32) -> UInt32? {
        // Unicode, chapter 3.12: consonant and vowel make a syllable, such a syllable and a consonant another one.
        if (0x1100..<0x1113).contains(first), (0x1161..<0x1176).contains(second) {
            return 0xAC00 + ((first - 0x1100) * 21 + (second - 0x1161)) * 28
        }
        if (0xAC00..<0xD7A4).contains(first), (first - 0xAC00) % 28 == 0, (0x11A8..<0x11C3).contains(second) {
            return first + second - 0x11A7
        }
        return composites[Self.key(first, second)]
    }
}
