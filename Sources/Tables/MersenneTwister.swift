import Requirements

/// The 32-bit Mersenne Twister MT19937 of Matsumoto and Nishimura (1998).
///
/// Batch order comes from it, rather than from the counter-based generator of the layers, because then the
/// same seed gives the same batches as in the Python libraries.
public struct MersenneTwister: Sendable, Equatable {
    private static let stateCount = 624
    private static let shiftCount = 397

    private var state: [UInt32]
    /// The next word of `state` to be given out; past the end, the state is renewed first.
    private var position = Self.stateCount

    /// The generator of a seed.
    public init(seed: UInt32) {
        state = [seed]
        state.reserveCapacity(Self.stateCount)
        for index in 1..<UInt32(Self.stateCount) {
            let previous = state[state.count - 1]
            state.append(1_812_433_253 &* (previous ^ (previous >> 30)) &+ index)
        }
    }

    /// The next 32 random bits.
    public mutating func next() -> UInt32 {
        if position == Self.stateCount { renewState() }
        var word = state[position]
        position += 1
        word ^= word >> 11
        word ^= (word << 7) & 0x9D2C_5680
        word ^= (word << 15) & 0xEFC6_0000
        return word ^ (word >> 18)
    }

    /// The numbers `0..<count` in random order, drawn with `count - 1` words as PyTorch's `randperm` draws
    /// them.
    ///
    /// - Precondition: `count` lies in `0..<214_748_364`; from there on PyTorch draws in another way.
    public mutating func permutation(count: Int) -> [Int] {
        let end = Int(UInt32.max) / 20
        require(count >= 0 && count < end, "MersenneTwister.permutation: expected a count in 0..<\(end), found \(count)")
        var order = Array(0..<count)
        for index in 0..<max(count - 1, 0) {
            order.swapAt(index, index + Int(next()) % (count - index))
        }
        return order
    }

    private mutating func renewState() {
        let count = Self.stateCount
        for index in 0..<count {
            let joined = (state[index] & 0x8000_0000) | (state[(index + 1) % count] & 0x7FFF_FFFF)
            let twisted = (joined >> 1) ^ (joined & 1 == 0 ? 0 : 0x9908_B0DF)
            state[index] = state[(index + Self.shiftCount) % count] ^ twisted
        }
        position = 0
    }
}
