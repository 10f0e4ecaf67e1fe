import Foundation
import Testing
@testable import ModelFiles

/// A folder of its own for a test; it is removed with the value.
final class TemporaryFolder {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("ModelFilesTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// Everything in the folder, hidden files too.
    func content() throws -> [String] { try FileManager.default.contentsOfDirectory(atPath: url.path).sorted() }

    @discardableResult
    func write(_ bytes: [UInt8], _ name: String = "file") throws -> URL {
        try Data(bytes).write(to: file(name))
        return file(name)
    }

    @discardableResult
    func write(_ text: String, _ name: String) throws -> URL {
        try FileManager.default.createDirectory(
            at: file(name).deletingLastPathComponent(),
            withIntermediateDirectories: true)
        return try write([UInt8](text.utf8), name)
    }
}

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/modelfiles").appendingPathComponent(name)
}

/// Expects that `body` throws a ``ModelFileError`` of a kind whose description holds every one of the words.
func expectError(
    _ kind: ModelFileError.Kind, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown, expected \(words)", sourceLocation: sourceLocation)
    } catch let error as ModelFileError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        for word in words {
            #expect(error.description.contains(word), "\(error) lacks \(word)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}

/// The bytes of a safetensors file with this header, unpadded, and this many bytes of data: 0, 1, 2 …
func safetensorsBytes(_ header: String, dataCount: Int, headerSize: UInt64? = nil) -> [UInt8] {
    let text = [UInt8](header.utf8)
    let size = withUnsafeBytes(of: (headerSize ?? UInt64(text.count)).littleEndian) { [UInt8]($0) }
    return size + text + (0..<dataCount).map { UInt8(truncatingIfNeeded: $0) }
}

/// SplitMix64: a small generator, so that a failing seed can be run again.
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: Int) { state = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// Damages a file in one of the ways in which files get damaged.
    mutating func damage(_ bytes: [UInt8], headerEnd: Int) -> [UInt8] {
        var result = bytes
        switch Int.random(in: 0..<6, using: &self) {
        case 0:
            result.removeLast(Int.random(in: 1...bytes.count, using: &self))
        case 1:
            let count = Int.random(in: 1...64, using: &self)
            result += (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
        case 2:
            let start = Int.random(in: 0..<headerEnd, using: &self)
            result.removeSubrange(start..<Int.random(in: start...headerEnd, using: &self))
        case 3:
            // A digit for a digit keeps the JSON valid and reaches the checks behind it.
            let digits = (8..<headerEnd).filter { (0x30...0x39).contains(bytes[$0]) }
            if let place = digits.randomElement(using: &self) {
                result[place] = UInt8.random(in: 0x30...0x39, using: &self)
            }
        default:
            for _ in 0..<Int.random(in: 1...4, using: &self) {
                result[Int.random(in: 0..<headerEnd, using: &self)] ^= 1 << UInt8.random(in: 0..<8, using: &self)
            }
        }
        return result
    }
}
