import CKernels
import Foundation

/// The hash of FIPS 180-4, by which files are known to be whole.
public struct SHA256 {
    private static let blockSize = 64
    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    /// What does not fill a block yet.
    private var rest: [UInt8] = []
    private var byteCount = 0

    /// The hash of nothing, so far.
    public init() {}

    /// The hash of some bytes, as 64 hexadecimal digits.
    public static func hex(of bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(Array(bytes))
        return hash.hex()
    }

    /// The hash of a file's content, as 64 hexadecimal digits.
    ///
    /// - Throws: The system's error for a file that is missing or cannot be read.
    public static func hex(ofFile url: URL) throws -> String {
        let file = try FileHandle(forReadingFrom: url)
        defer { try? file.close() }
        // In parts: a file that is mapped whole counts as memory of this process, page by page.
        var hash = SHA256()
        while let part = try file.read(upToCount: 1 << 20), !part.isEmpty { part.withUnsafeBytes { hash.update($0) } }
        return hash.hex()
    }

    /// Takes in more bytes.
    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        byteCount += bytes.count
        var bytes = bytes[...]
        if !rest.isEmpty {
            let missing = min(Self.blockSize - rest.count, bytes.count)
            rest += bytes.prefix(missing)
            bytes = bytes.dropFirst(missing)
            guard rest.count == Self.blockSize else { return }
            rest.withUnsafeBytes { take($0) }
            rest = []
        }
        let whole = bytes.count / Self.blockSize * Self.blockSize
        take(UnsafeRawBufferPointer(rebasing: bytes.prefix(whole)))
        rest = Array(bytes.dropFirst(whole))
    }

    private mutating func take(_ blocks: UnsafeRawBufferPointer) {
        guard let start = blocks.baseAddress, !blocks.isEmpty else { return }
        state.withUnsafeMutableBufferPointer {
            tap_sha256($0.baseAddress!, start.assumingMemoryBound(to: UInt8.self), Int64(blocks.count / Self.blockSize))
        }
    }

    /// The hash of all bytes so far, as 64 hexadecimal digits.
    public func hex() -> String {
        var last = self
        let bits = UInt64(byteCount) * 8
        let zeros = (2 * Self.blockSize - 9 - rest.count) % Self.blockSize
        last.update([0x80] + [UInt8](repeating: 0, count: zeros) + (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * $0)) })
        return last.state.map { String(UInt64(1) << 32 | UInt64($0), radix: 16).dropFirst() }.joined()
    }
}
