import Foundation

/// The two checksums by which the hub names contents: SHA-256 of large files, Git's SHA-1 of all others.
///
/// Bytes come in pieces of any size. Constants and rounds are those of FIPS 180-4.
package struct Digest {
    package enum Algorithm: Sendable { case sha1, sha256 }

    private let algorithm: Algorithm
    private var state: [UInt32]
    private var schedule: [UInt32]
    private var rest: [UInt8] = []
    private var count = 0

    package init(_ algorithm: Algorithm) {
        self.algorithm = algorithm
        switch algorithm {
        case .sha1:
            state = [0x6745_2301, 0xEFCD_AB89, 0x98BA_DCFE, 0x1032_5476, 0xC3D2_E1F0]
            schedule = Array(repeating: 0, count: 80)
        case .sha256:
            state = [
                0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19,
            ]
            schedule = Array(repeating: 0, count: 64)
        }
    }

    package mutating func update(_ bytes: [UInt8]) {
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
    package mutating func finish() -> String {
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
        switch algorithm {
        case .sha1: roundsOfSHA1()
        case .sha256: roundsOfSHA256()
        }
    }

    private mutating func roundsOfSHA1() {
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

    private mutating func roundsOfSHA256() {
        for i in 16..<64 {
            let (x, y) = (schedule[i - 15], schedule[i - 2])
            schedule[i] =
                schedule[i - 16] &+ (rotatedLeft(x, 25) ^ rotatedLeft(x, 14) ^ x >> 3) &+ schedule[i - 7]
                &+ (rotatedLeft(y, 15) ^ rotatedLeft(y, 13) ^ y >> 10)
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for i in 0..<64 {
            let first =
                h &+ (rotatedLeft(e, 26) ^ rotatedLeft(e, 21) ^ rotatedLeft(e, 7)) &+ ((e & f) ^ (~e & g)) &+ Self.constants[i]
                &+ schedule[i]
            let second = (rotatedLeft(a, 30) ^ rotatedLeft(a, 19) ^ rotatedLeft(a, 10)) &+ ((a & b) ^ (a & c) ^ (b & c))
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (i, value) in [a, b, c, d, e, f, g, h].enumerated() { state[i] &+= value }
    }

    private static let constants: [UInt32] = [
        0x428A_2F98, 0x7137_4491, 0xB5C0_FBCF, 0xE9B5_DBA5, 0x3956_C25B, 0x59F1_11F1, 0x923F_82A4, 0xAB1C_5ED5,
        0xD807_AA98, 0x1283_5B01, 0x2431_85BE, 0x550C_7DC3, 0x72BE_5D74, 0x80DE_B1FE, 0x9BDC_06A7, 0xC19B_F174,
        0xE49B_69C1, 0xEFBE_4786, 0x0FC1_9DC6, 0x240C_A1CC, 0x2DE9_2C6F, 0x4A74_84AA, 0x5CB0_A9DC, 0x76F9_88DA,
        0x983E_5152, 0xA831_C66D, 0xB003_27C8, 0xBF59_7FC7, 0xC6E0_0BF3, 0xD5A7_9147, 0x06CA_6351, 0x1429_2967,
        0x27B7_0A85, 0x2E1B_2138, 0x4D2C_6DFC, 0x5338_0D13, 0x650A_7354, 0x766A_0ABB, 0x81C2_C92E, 0x9272_2C85,
        0xA2BF_E8A1, 0xA81A_664B, 0xC24B_8B70, 0xC76C_51A3, 0xD192_E819, 0xD699_0624, 0xF40E_3585, 0x106A_A070,
        0x19A4_C116, 0x1E37_6C08, 0x2748_774C, 0x34B0_BCB5, 0x391C_0CB3, 0x4ED8_AA4A, 0x5B9C_CA4F, 0x682E_6FF3,
        0x748F_82EE, 0x78A5_636F, 0x84C8_7814, 0x8CC7_0208, 0x90BE_FFFA, 0xA450_6CEB, 0xBEF9_A3F7, 0xC671_78F2,
    ]

    // MARK: Whole contents

    /// The SHA-256 of a content.
    package static func sha256(_ bytes: [UInt8]) -> String {
        var digest = Digest(.sha256)
        digest.update(bytes)
        return digest.finish()
    }

    /// The name that Git gives a content: the SHA-1 of `blob`, its size and itself.
    package static func gitBlob(_ bytes: [UInt8]) -> String {
        var digest = Digest(.sha1)
        digest.update(Array("blob \(bytes.count)\0".utf8))
        digest.update(bytes)
        return digest.finish()
    }

    /// The SHA-256 or Git's name of a file's content, read in pieces.
    package static func ofFile(_ url: URL, _ algorithm: Algorithm) throws -> String {
        let handle = try FileHandle(forReadingFrom: url)
        defer { try? handle.close() }
        var digest = Digest(algorithm)
        if algorithm == .sha1 {
            let size = try handle.seekToEnd()
            try handle.seek(toOffset: 0)
            digest.update(Array("blob \(size)\0".utf8))
        }
        while let piece = try handle.read(upToCount: 1 << 20), !piece.isEmpty { digest.update([UInt8](piece)) }
        return digest.finish()
    }
}

private func rotatedLeft(_ value: UInt32, _ count: UInt32) -> UInt32 { value &<< count | value &>> (32 &- count) }
