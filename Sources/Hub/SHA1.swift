/// Git's hash, of FIPS 180-4.
struct SHA1 {
    private var state: [UInt32] = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
    private var schedule = [UInt32](repeating: 0, count: 80)
    private var rest: [UInt8] = []
    private var count = 0

    mutating func update(_ bytes: [UInt8]) {
        count += bytes.count
        var start = 0
        if !rest.isEmpty {
            start = min(64 - rest.count, bytes.count)
            rest += bytes[..<start]
            guard rest.count == 64 else { return }
            compress(rest, at: 0)
        }
        while start + 64 <= bytes.count {
            compress(bytes, at: start)
            start += 64
        }
        rest = Array(bytes[start...])
    }

    /// The checksum in hexadecimal digits.
    mutating func finish() -> String {
        let bits = UInt64(count) * 8
        var padding: [UInt8] = [0x80]
        padding += Array(repeating: 0, count: (119 - rest.count) % 64)
        for shift in stride(from: 56, through: 0, by: -8) { padding.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift))) }
        update(padding)
        return state.map { word in
            let digits = String(word, radix: 16)
            return String(repeating: "0", count: 8 - digits.count) + digits
        }.joined()
    }

    private mutating func compress(_ bytes: [UInt8], at start: Int) {
        for i in 0..<16 {
            let at = start + 4 * i
            schedule[i] = UInt32(bytes[at]) << 24 | UInt32(bytes[at + 1]) << 16 | UInt32(bytes[at + 2]) << 8 | UInt32(bytes[at + 3])
        }
        for i in 16..<80 {
            schedule[i] = rotatedLeft(schedule[i - 3] ^ schedule[i - 8] ^ schedule[i - 14] ^ schedule[i - 16], 1)
        }
        var (a, b, c, d, e) = (state[0], state[1], state[2], state[3], state[4])
        for i in 0..<80 {
            let (mixed, constant): (UInt32, UInt32) =
                switch i {
                case ..<20: ((b & c) | (~b & d), 0x5A82_7999)
                case ..<40: (b ^ c ^ d, 0x6ED9_EBA1)
                case ..<60: ((b & c) | (b & d) | (c & d), 0x8F1B_BCDC)
                default: (b ^ c ^ d, 0xCA62_C1D6)
                }
            let next = rotatedLeft(a, 5) &+ mixed &+ e &+ constant &+ schedule[i]
            (e, d, c, b, a) = (d, c, rotatedLeft(b, 30), a, next)
        }
        for (i, value) in [a, b, c, d, e].enumerated() { state[i] &+= value }
    }
}

private func rotatedLeft(_ value: UInt32, _ count: UInt32) -> UInt32 { value &<< count | value &>> (32 &- count) }
