import Digests
import Foundation

/// The two checksums by which the hub names contents: SHA-256 of large files, Git's SHA-1 of all others.
///
/// Bytes come in pieces of any size.
package struct Digest {
    package enum Algorithm: Sendable { case sha1, sha256 }

    private enum State {
        case sha1(SHA1)
        case sha256(SHA256)
    }

    private var state: State

    package init(_ algorithm: Algorithm) { state = algorithm == .sha1 ? .sha1(SHA1()) : .sha256(SHA256()) }

    package mutating func update(_ bytes: [UInt8]) {
        switch state {
        case .sha1(var hash):
            hash.update(bytes)
            state = .sha1(hash)
        case .sha256(var hash):
            hash.update(bytes)
            state = .sha256(hash)
        }
    }

    /// The checksum in hexadecimal digits.
    package func finish() -> String {
        switch state {
        case .sha1(var hash): hash.finish()
        case .sha256(let hash): hash.hex()
        }
    }

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
