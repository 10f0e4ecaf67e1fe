import Foundation
import JSON
import Testing

@testable import Tokenizers

/// The ids are those of the reference, on texts that were chosen to be difficult.
struct ReferenceTests {
    let fixture: Fixture
    private static let splitter = BertPreTokenizer()

    init() throws {
        fixture = try Fixture.read()
    }

    func expectSame(_ cases: [Fixture.Encoded], _ tokenizer: PretrainedTokenizer, _ maximumLength: Int? = nil) {
        for example in cases {
            let ids = tokenizer.encode(example.text, maximumLength: example.maximumLength ?? maximumLength)
            #expect(ids == example.ids, "\(example.text.debugDescription)")
        }
    }

    @Test func lowercasingTokenizerGivesTheReferencesIDs() throws {
        #expect(fixture.uncased.count > 150)
        // The texts reach both ends: known words, unknown ones, and the cut at 256.
        #expect(fixture.uncased.contains { $0.ids.count == 256 })
        #expect(fixture.uncased.filter { $0.ids.contains(1) }.count > 20)
        expectSame(fixture.uncased, try Fixture.tokenizer("uncased"), 256)
    }

    @Test func vocabularyFileAloneGivesTheReferencesIDs() throws {
        #expect(fixture.cased.count > 150)
        let tokenizer = try Fixture.tokenizer("cased")
        expectSame(fixture.cased, tokenizer)
        #expect(tokenizer.modelMaximumLength == nil)
        // Case is kept, accents are not, ideographs are not set apart: what its configuration asks for.
        #expect(tokenizer.encode("The") != tokenizer.encode("the"))
        #expect(tokenizer.encode("thé") == tokenizer.encode("the"))
    }

    @Test func addedTokensOfEveryKindAreFoundAsInTheReference() throws {
        #expect(fixture.added.count > 30)
        expectSame(fixture.added, try Fixture.tokenizer("added"))
    }

    @Test func textsAreCutAsInTheReference() throws {
        #expect(fixture.truncated.count > 40)
        expectSame(fixture.truncated, try Fixture.tokenizer("uncased"))
    }

    @Test func theConfigurationMayAskToCutTheStart() throws {
        #expect(!fixture.truncatedLeft.isEmpty)
        try withTemporaryFolder { folder in
            try Fixture.tokenizer("uncased").save(to: folder)
            let file = folder.appendingPathComponent("tokenizer_config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try Data(text.replacingOccurrences(of: "{", with: "{\"truncation_side\": \"left\",").utf8).write(to: file)
            expectSame(fixture.truncatedLeft, try WordPieceTokenizer(directory: folder))
        }
    }

    @Test func decodingGivesTheReferencesText() throws {
        let tokenizer = try Fixture.tokenizer("uncased")
        #expect(fixture.decoded.count > 10)
        for example in fixture.decoded {
            #expect(tokenizer.decode(example.ids).isExactly(example.text))
            let full = tokenizer.decode(example.ids, skippingSpecialTokens: false)
            #expect(full.isExactly(example.withSpecialTokens))
            #expect(tokenizer.tokens(of: example.ids).map(ExactKey.init) == example.tokens.map(ExactKey.init))
        }
        // Ids of nothing are left out.
        #expect(tokenizer.decode([-1, 1 << 20]) == "")
    }

    @Test func sizesAndSpecialTokensAreRead() throws {
        for name in ["uncased", "cased", "added"] {
            #expect(try Fixture.tokenizer(name).vocabularySize == fixture.vocabularySizes[name], "\(name)")
        }
        let uncased = try Fixture.tokenizer("uncased")
        #expect(uncased.modelMaximumLength == 256)
        #expect(uncased.padID == 0)
        #expect(uncased.id(of: "[MASK]") == 4)
        #expect(uncased.id(of: "no such token") == nil)
        let added = try Fixture.tokenizer("added")
        #expect(added.padID == nil)
        #expect(added.id(of: "both") == Int32(added.vocabularySize - 1))
    }

    /// Every code point between two letters, in blocks of 4096: normalized and split as in the reference.
    @Test(arguments: 0..<4)
    func everyCodePointIsNormalizedAsInTheReference(configuration: Int) throws {
        try #require(fixture.normalization.count == 4)
        let expected = fixture.normalization[configuration]
        try #require(expected.hashes.count == 0x110)
        let normalizer = BertNormalizer(
            cleansText: expected.cleansText, isolatesIdeographs: expected.isolatesIdeographs,
            stripsAccents: expected.stripsAccents, lowercases: expected.lowercases)
        for (block, hash) in expected.hashes.enumerated() {
            var words: [UInt8] = []
            for code in UInt32(block * 4096)..<UInt32((block + 1) * 4096) where code & 0x1F_F800 != 0xD800 {
                words += wordsWithBreaks(aroundCodePoint: code, normalizer)
            }
            let found = words.reduce(Vocabulary.emptyHash) { Vocabulary.hash($0, adding: $1) }
            #expect(
                found == UInt64(hash, radix: 16),
                "code points from \(String(block * 4096, radix: 16)) on, hash \(String(found, radix: 16))")
        }
    }

    private func wordsWithBreaks(aroundCodePoint code: UInt32, _ normalizer: BertNormalizer) -> [UInt8] {
        var text = [UInt8(ascii: "a")]
        text.appendUTF8(of: code)
        text.append(UInt8(ascii: "b"))
        let normalized = normalizer.normalized(text)
        var words: [Range<Int>] = []
        Self.splitter.split(normalized, 0..<normalized.count, into: &words)
        return Array(words.map { normalized[$0] }.joined(separator: [0x0A])) + [0]
    }
}
