import CKernels
import Digests
import Foundation
import Testing

/// Hashes are those of the standard, however the bytes come in.
struct SHA256Tests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
        (String(repeating: "a", count: 1_000_000), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
    ]) func examplesOfTheStandard(_ text: String, _ hash: String) { #expect(SHA256.hex(of: text.utf8) == hash) }

    /// Lengths around the block, in pieces of every length.
    @Test func piecesDoNotMatter() {
        let bytes = (0..<200).map { UInt8($0 * 37 % 251) }
        for length in [1, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 200] {
            let whole = SHA256.hex(of: bytes.prefix(length))
            for size in [1, 3, 63, 64, 65, 130] {
                var hash = SHA256()
                for start in stride(from: 0, to: length, by: size) { hash.update(Array(bytes[start..<min(start + size, length)])) }
                #expect(hash.hex() == whole, "\(length) in pieces of \(size)")
            }
        }
    }

    /// The processor's rounds, where it has them, and plain ones.
    @Test func bothWaysAgree() {
        let bytes = (0..<64 * 50).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
        var (fast, plain) = ([UInt32](0..<8), [UInt32](0..<8))
        tap_sha256(&fast, bytes, 50)
        tap_sha256_portable(&plain, bytes, 50)
        #expect(fast == plain && fast != [UInt32](0..<8))
    }

    @Test func filesAreHashedWhole() throws {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
        defer { try? FileManager.default.removeItem(at: url) }
        try Data("abc".utf8).write(to: url)
        #expect(try SHA256.hex(ofFile: url) == SHA256.hex(of: "abc".utf8))
        #expect(throws: (any Error).self) { try SHA256.hex(ofFile: url.appendingPathExtension("missing")) }
    }
}
