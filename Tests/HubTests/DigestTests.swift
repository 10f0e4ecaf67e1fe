import Foundation
import Testing
@testable import Hub

/// Checksums against published values.
struct DigestTests {
    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"),
    ])
    func sha256(_ text: String, _ expected: String) { #expect(Digest.sha256(Array(text.utf8)) == expected) }

    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"), ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
    func sha1(_ text: String, _ expected: String) {
        var digest = Digest(.sha1)
        digest.update(Array(text.utf8))
        #expect(digest.finish() == expected)
    }

    @Test func aMillionLettersInPiecesOfAnySize() {
        for size in [1, 63, 64, 65, 1000, 1_000_000] {
            var (sha1, sha256) = (Digest(.sha1), Digest(.sha256))
            var left = 1_000_000
            if size == 1 { left = 1000 }
            let all = left
            while left > 0 {
                let piece = [UInt8](repeating: UInt8(ascii: "a"), count: min(size, left))
                sha1.update(piece)
                sha256.update(piece)
                left -= piece.count
            }
            guard all == 1_000_000 else { continue }
            #expect(sha1.finish() == "34aa973cd4c4daa4f61eeb2bdbad27316534016f")
            #expect(sha256.finish() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        }
    }

    @Test func everyLengthAroundABlockIsPaddedAlike() {
        for count in 0...200 {
            let bytes = noise(count)
            var one = Digest(.sha256)
            for byte in bytes { one.update([byte]) }
            #expect(one.finish() == Digest.sha256(bytes), "\(count)")
        }
    }

    @Test func gitsNamesOfContents() throws {
        #expect(Digest.gitBlob([]) == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391")
        #expect(Digest.gitBlob(Array("hello\n".utf8)) == "ce013625030ba8dba906f756967f9e9ca394464a")
        let scene = try Scene()
        let folder = try scene.local(["a": noise(3_000_000)])
        #expect(try Digest.ofFile(folder.appendingPathComponent("a"), .sha1) == Digest.gitBlob(noise(3_000_000)))
        #expect(try Digest.ofFile(folder.appendingPathComponent("a"), .sha256) == Digest.sha256(noise(3_000_000)))
    }
}
