import Foundation
import Testing

@testable import Tokenizers

/// Tokens stand for the characters for which they stand in the reference: `Tests/Reference/tokenizer_offset_fixtures.py`.
struct OffsetTests {
    struct Expected: Decodable {
        struct Cases: Decodable {
            let singles: [[[Int32]]]
            let pairs: [[[Int32]]]
            /// Every fifth text, cut at its end.
            let cut: [[[Int32]]]
        }

        let texts: [String]
        let pairs: [[String]]
        let maximumLength: Int
        let tokenizers: [String: Cases]
    }

    private static let fixture = Result {
        try JSONDecoder().decode(
            Expected.self, from: Data(contentsOf: Fixture.folder.appendingPathComponent("offsets.json")))
    }

    static let names =
        ["uncased", "added"].map { "tokenizers/\($0)" }
        + ["gpt2", "llama", "metaspace", "metaspace-always", "prefix", "roberta", "suffix"].map { "components/\($0)" }
        + ["pieces", "pieces-bytes", "words"].map { "sentencepiece/\($0)" } + SentencePieceTests.classes

    private func withTokenizer(_ name: String, _ body: (PretrainedTokenizer) throws -> Void) throws {
        if name.contains("/") {
            let fixtures = Fixture.folder.deletingLastPathComponent()
            return try body(PretrainedTokenizer(directory: fixtures.appendingPathComponent(name)))
        }
        try SentencePieceTests.withFolder(try SentencePieceTests.cases(name)) { try body(PretrainedTokenizer(directory: $0)) }
    }

    private func encoding(_ rows: [[Int32]]) -> Encoding {
        Encoding(
            ids: rows[0], typeIDs: rows[2],
            offsets: stride(from: 0, to: rows[1].count, by: 2).map { Int(rows[1][$0])..<Int(rows[1][$0 + 1]) },
            specialTokensMask: rows[3].map { $0 == 1 })
    }

    @Test(arguments: names) func offsetsAreTheReferences(name: String) throws {
        let fixture = try Self.fixture.get()
        let cases = try #require(fixture.tokenizers[name])
        try withTokenizer(name) { tokenizer in
            #expect(fixture.texts.count > 60 && cases.singles.count == fixture.texts.count)
            for (text, rows) in zip(fixture.texts, cases.singles) {
                let found = tokenizer.encoding(of: text)
                #expect(found == encoding(rows), "\(text.debugDescription)")
                #expect(found.ids == tokenizer.encode(text))
            }
            for (pair, rows) in zip(fixture.pairs, cases.pairs) {
                #expect(tokenizer.encoding(of: pair[0], pair[1]) == encoding(rows), "\(pair)")
            }
            for (index, rows) in cases.cut.enumerated() {
                let text = fixture.texts[5 * index]
                #expect(tokenizer.encoding(of: text, maximumLength: fixture.maximumLength) == encoding(rows), "\(text.debugDescription)")
            }
        }
    }

    @Test func everyTokenizerIsTried() throws {
        #expect(Set(Self.names) == Set(try Self.fixture.get().tokenizers.keys))
    }
}
