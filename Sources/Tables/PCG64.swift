/// The generator PCG64 (O'Neill 2014), seeded as NumPy's `default_rng` is.
///
/// Shuffles and splits come from it, because then the same seed gives the same rows as in the `datasets` library.
struct PCG64 {
    private static let multiplier: UInt128 = 0x2360_ED05_1FC6_5DA4_4385_DF64_9FCC_F645

    private var state: UInt128 = 0
    private let increment: UInt128
    /// The upper half of the last 64 bits, where only the lower one was given out.
    private var waiting: UInt32?

    init(seed: UInt64) {
        let words = Self.words(entropy: seed)
        increment = (UInt128(words[2]) << 64 | UInt128(words[3])) << 1 | 1
        step()
        state &+= UInt128(words[0]) << 64 | UInt128(words[1])
        step()
    }

    private mutating func step() { state = state &* Self.multiplier &+ increment }

    /// Four words of 64 bits that depend on all bits of a seed.
    private static func words(entropy: UInt64) -> [UInt64] {
        var constant: UInt32 = 0x43B0_D7E5
        func hashed(_ value: UInt32, _ multiplier: UInt32) -> UInt32 {
            var value = value ^ constant
            constant = constant &* multiplier
            value = value &* constant
            return value ^ value >> 16
        }
        let seeds = [UInt32(truncatingIfNeeded: entropy), UInt32(entropy >> 32), 0, 0]
        var pool = seeds.map { hashed($0, 0x931E_8875) }
        for source in 0..<4 {
            for target in 0..<4 where target != source {
                let mixed = 0xCA01_F9DD &* pool[target] &- 0x4973_F715 &* hashed(pool[source], 0x931E_8875)
                pool[target] = mixed ^ mixed >> 16
            }
        }
        constant = 0x8B51_F9DD
        let halves = (0..<8).map { UInt64(hashed(pool[$0 % 4], 0x58F3_8DED)) }
        return (0..<4).map { halves[2 * $0] | halves[2 * $0 + 1] << 32 }
    }

    private mutating func next64() -> UInt64 {
        step()
        let folded = UInt64(truncatingIfNeeded: state >> 64) ^ UInt64(truncatingIfNeeded: state)
        let turn = UInt64(truncatingIfNeeded: state >> 122)
        return folded >> turn | folded << ((64 - turn) & 63)
    }

    private mutating func next32() -> UInt32 {
        if let half = waiting {
            waiting = nil
            return half
        }
        let word = next64()
        waiting = UInt32(word >> 32)
        return UInt32(truncatingIfNeeded: word)
    }

    /// A number from 0 to `limit`.
    private mutating func next(upTo limit: Int) -> Int {
        let mask = UInt64.max >> UInt64(limit.leadingZeroBitCount)
        while true {
            let value = (limit <= Int(UInt32.max) ? UInt64(next32()) : next64()) & mask
            if value <= UInt64(limit) { return Int(value) }
        }
    }

    /// The numbers `0..<count` in random order.
    mutating func permutation(count: Int) -> [Int] {
        var order = Array(0..<count)
        for index in stride(from: count - 1, to: 0, by: -1) { order.swapAt(index, next(upTo: index)) }
        return order
    }
}
