import Foundation

@testable import Tokenizers

/// The committed tokenizers and what the Python libraries made of texts with them, as
/// `Tests/Reference/tokenizer_fixtures.py` wrote it.
struct Fixture: Decodable {
    struct Encoded: Decodable {
        let text: String
        let ids: [Int32]
        let maximumLength: Int?
    }

    struct Decoded: Decodable {
        let ids: [Int32]
        let text: String
        let withSpecialTokens: String
        let tokens: [String]
    }

    /// Hashes of the words that every code point gives, for one configuration of the normalizer.
    struct Normalization: Decodable {
        let cleansText: Bool
        let isolatesIdeographs: Bool
        let stripsAccents: Bool?
        let lowercases: Bool
        let hashes: [String]
    }

    let uncased: [Encoded]
    let cased: [Encoded]
    let added: [Encoded]
    let truncated: [Encoded]
    let truncatedLeft: [Encoded]
    let decoded: [Decoded]
    let vocabularySizes: [String: Int]
    let normalization: [Normalization]

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/tokenizers")

    static func read() throws -> Fixture {
        try JSONDecoder().decode(
            Fixture.self, from: Data(contentsOf: folder.appendingPathComponent("cases.json")))
    }

    static func tokenizer(_ name: String) throws -> WordPieceTokenizer {
        try WordPieceTokenizer(directory: folder.appendingPathComponent(name))
    }
}

/// A folder that is gone when the closure returns.
func withTemporaryFolder<Result>(_ body: (URL) throws -> Result) throws -> Result {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    return try body(folder)
}
