import Requirements

/// The pseudo-random numbers behind the built-in data: SplitMix64 (Steele, Lea and Flood 2014).
///
/// The standard library's `shuffled(using:)` and `randomElement(using:)` may draw differently in another
/// release; the few draws needed are therefore written out here, so that a seed means the same sentences
/// everywhere.
struct BuiltInRandom {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    /// The generator's output function: a bijection that scatters nearby numbers over all 64 bits.
    static func scatter(_ number: UInt64) -> UInt64 {
        var z = number &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    mutating func next() -> UInt64 {
        defer { state &+= 0x9E37_79B9_7F4A_7C15 }
        return Self.scatter(state)
    }

    /// A number in `0 ..< bound`, from the high half of a 128-bit product (the bias is below 2⁻⁵⁰ here).
    mutating func index(below bound: Int) -> Int {
        require(bound > 0, "index(below:) needs a positive bound, got \(bound)")
        return Int(next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in `0 ..< bound` other than `excluded`.
    mutating func index(below bound: Int, otherThan excluded: Int) -> Int {
        let drawn = index(below: bound - 1)
        return drawn < excluded ? drawn : drawn + 1
    }

    /// True with the given probability.
    mutating func chance(_ probability: Double) -> Bool {
        Double(next() >> 11) * 0x1p-53 < probability
    }

    mutating func element<Element>(of elements: [Element]) -> Element {
        elements[index(below: elements.count)]
    }

    /// Fisher and Yates's shuffle.
    mutating func shuffle<Element>(_ elements: inout [Element]) {
        for last in stride(from: elements.count - 1, to: 0, by: -1) {
            elements.swapAt(last, index(below: last + 1))
        }
    }
}
