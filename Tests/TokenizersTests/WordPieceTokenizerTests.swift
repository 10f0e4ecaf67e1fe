import Foundation
import Testing

@testable import Tokenizers

/// What needs no reference: worked examples, saving, the edges of the interface.
struct WordPieceTokenizerTests {
    static let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "un", "##do", "##ing", "undo", "."]
    let tokenizer = WordPieceTokenizer(vocabulary: Self.vocabulary, modelMaximumLength: 32)

    @Test func theLongestPieceWinsAtEveryPlace() {
        #expect(tokenizer.encode("Undoing un. undos") == [2, 8, 7, 5, 9, 1, 3])
        #expect(tokenizer.tokens(of: [8, 7]) == ["undo", "##ing"])
        #expect(tokenizer.decode([2, 8, 7, 9, 3]) == "undoing.")
    }

    @Test func aMaximumBelowTheSpecialTokensLeavesThese() {
        for maximum in 0...2 { #expect(tokenizer.encode("un un", maximumLength: maximum) == [2, 3]) }
        #expect(tokenizer.encode("un un", maximumLength: 3) == [2, 5, 3])
    }

    @Test func lowercasingCanBeSwitchedOff() {
        let cased = WordPieceTokenizer(vocabulary: Self.vocabulary, lowercasing: false)
        #expect(cased.encode("un Un") == [2, 5, 1, 3])
        #expect(tokenizer.encode("un Ün") == [2, 5, 5, 3])
    }

    @Test func theInterfaceIsThatOfTheProtocol() {
        let tokenizer: any Tokenizer = self.tokenizer
        #expect(tokenizer.encode("un", maximumLength: nil) == [2, 5, 3])
        #expect(tokenizer.vocabularySize == 10)
        #expect(tokenizer.modelMaximumLength == 32)
        #expect(tokenizer.padID == 0)
        #expect(tokenizer.id(of: "##do") == 6)
    }

    @Test func aTokenizerFromAVocabularyIsTheSameAfterSaving() throws {
        let fixture = try Fixture.read()
        let vocabulary = WordPieceTrainer.vocabulary(from: fixture.uncased.suffix(50).map(\.text), size: 900)
        for lowercasing in [true, false] {
            let original = WordPieceTokenizer(
                vocabulary: vocabulary, lowercasing: lowercasing, modelMaximumLength: 77)
            try withTemporaryFolder { folder in
                let nested = folder.appendingPathComponent("a/b")
                try original.save(to: nested)
                #expect(
                    try FileManager.default.contentsOfDirectory(atPath: nested.path).sorted()
                        == ["special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.txt"])
                let full = try WordPieceTokenizer(directory: nested)
                try FileManager.default.removeItem(at: nested.appendingPathComponent("tokenizer.json"))
                let fromVocabulary = try WordPieceTokenizer(directory: nested)
                for loaded in [full, fromVocabulary] {
                    #expect(loaded.modelMaximumLength == 77)
                    #expect(loaded.padID == 0)
                    #expect(loaded.vocabularySize == vocabulary.count)
                    for example in fixture.uncased {
                        #expect(loaded.encode(example.text) == original.encode(example.text))
                    }
                }
            }
        }
    }

    @Test(arguments: ["uncased", "cased", "added"])
    func savingWritesTheBytesThatWereRead(name: String) throws {
        let source = Fixture.folder.appendingPathComponent(name)
        let original = try WordPieceTokenizer(directory: source)
        try withTemporaryFolder { folder in
            try original.save(to: folder)
            let names = try FileManager.default.contentsOfDirectory(atPath: source.path)
            #expect(!names.isEmpty)
            for name in names {
                #expect(
                    try Data(contentsOf: folder.appendingPathComponent(name))
                        == Data(contentsOf: source.appendingPathComponent(name)), "\(name)")
            }
            // What was missing was added, and fits.
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 4)
            let again = try WordPieceTokenizer(directory: folder)
            let fixture = try Fixture.read()
            for example in fixture.uncased + fixture.added {
                #expect(again.encode(example.text) == original.encode(example.text))
            }
        }
    }

    @Test func savingReplacesWhatIsThere() throws {
        try withTemporaryFolder { folder in
            try Fixture.tokenizer("uncased").save(to: folder)
            try tokenizer.save(to: folder)
            #expect(try WordPieceTokenizer(directory: folder).vocabularySize == 10)
        }
    }

    @Test func theConfigurationOverrulesTheNormalizerForBertClassesOnly() throws {
        try withTemporaryFolder { folder in
            try tokenizer.save(to: folder)
            for (name, ids) in [
                ("BertTokenizer", [2, 1, 3]), ("BertTokenizerFast", [2, 1, 3]),
                ("PreTrainedTokenizerFast", [2, 5, 3]),
            ] as [(String, [Int32])] {
                let text = "{\"tokenizer_class\": \"\(name)\", \"do_lower_case\": false}"
                try Data(text.utf8).write(to: folder.appendingPathComponent("tokenizer_config.json"))
                #expect(try WordPieceTokenizer(directory: folder).encode("UN") == ids, "\(name)")
            }
        }
    }
}
