import Foundation
import Testing

@testable import Tokenizers

/// A bad file is refused, and the error names the file, the key, and what is wrong.
struct LoadingErrorTests {
    /// What `tokenizer.json` is, in small; each case below changes one part of it.
    static let valid = """
        {"version": "1.0", "truncation": null, "padding": null,
        "added_tokens": [{"id": 1, "content": "[CLS]", "special": true}],
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
        "strip_accents": null, "lowercase": true}, "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 2], "cls": ["[CLS]", 1]},
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
        "model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"[UNK]": 0, "[CLS]": 1, "[SEP]": 2, "a": 3}}}
        """

    struct Case: CustomTestStringConvertible {
        let old: String
        let new: String
        let key: String
        let problem: String
        var testDescription: String { new }

        init(_ old: String, _ new: String, key: String, _ problem: String) {
            (self.old, self.new, self.key, self.problem) = (old, new, key, problem)
        }
    }

    func load(_ files: [String: String]) throws -> WordPieceTokenizer {
        try withTemporaryFolder { folder in
            for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
            return try WordPieceTokenizer(directory: folder)
        }
    }

    @Test func theUnchangedFileIsValid() throws {
        #expect(try load(["tokenizer.json": Self.valid]).encode("A b") == [1, 3, 0, 2])
    }

    static let cases = [
        Case("\"unk_token\": \"[UNK]\"", "\"unk_token\": \"<unk>\"", key: "model.unk_token", "<unk>"),
        Case("\"unk_token\": \"[UNK]\", ", "", key: "model", "\"unk_token\" is missing"),
        Case("\"a\": 3", "\"a\": 2", key: "model.vocab", "same id 2"),
        Case("\"a\": 3", "\"[SEP]\": 3", key: "line 7, column 100", "\"[SEP]\" appears twice"),
        Case("\"a\": 3", "\"a\": -1", key: "model.vocab", "out of range"),
        Case("\"a\": 3", "\"a\": 99999999999", key: "model.vocab", "out of range"),
        Case("\"a\": 3", "\"a\": \"3\"", key: "model.vocab", "expected an integer"),
        Case("\"type\": \"WordPiece\", \"unk", "\"type\": \"Unispan\", \"unk", key: "model", "supported are WordPiece"),
        Case("BertNormalizer", "Recompiled", key: "normalizer", "\"Recompiled\" is not supported, supported are BertNormalizer"),
        Case("BertPreTokenizer", "UnicodeWords", key: "pre_tokenizer", "UnicodeWords"),
        Case("BertProcessing", "Processing", key: "post_processor", "TemplateProcessing, BertProcessing"),
        Case("\"type\": \"WordPiece\", \"prefix", "\"type\": \"CTX\", \"prefix", key: "decoder", "CTX"),
        Case("\"lowercase\": true", "\"lowercase\": 1", key: "normalizer.lowercase", "expected true or false"),
        Case("\"lowercase\": true", "\"lower\": true", key: "normalizer", "\"lowercase\" is missing"),
        Case("\"id\": 1", "\"id\": 3", key: "added_tokens[0]", "has id 3 here and 1"),
        Case("[CLS]\", \"special", "b\", \"special", key: "added_tokens[0]", "is that of \"[CLS]\""),
        Case("\"[SEP]\", 2]", "\"[SEP]\", -2]", key: "post_processor.sep[1]", "out of range"),
        Case("\"padding\": null", "\"truncation\": null", key: "line 1, column 40", "\"truncation\" appears twice"),
        Case("null,", "null;", key: "line 1, column 38", "\"}\" was expected"),
    ]

    @Test(arguments: cases)
    func aBadPartIsNamed(example: Case) throws {
        let text = Self.valid.replacingOccurrences(of: example.old, with: example.new)
        try #require(text != Self.valid)
        let error = #expect(throws: TokenizerError.self) { try load(["tokenizer.json": text]) }
        #expect(error?.file.hasSuffix("/tokenizer.json") == true)
        #expect(error?.key == example.key)
        #expect(error?.problem.contains(example.problem) == true, "\(error.map(\.description) ?? "")")
        #expect(error?.description == "\(error?.file ?? ""), \(example.key): \(error?.problem ?? "")")
    }

    static let configurations: [(text: String, key: String)] = [
        ("{\"model_max_length\": 0}", "model_max_length"), ("{\"model_max_length\": \"512\"}", "model_max_length"),
        ("{\"model_max_length\": 1.5}", "model_max_length"), ("{\"do_lower_case\": 1}", "do_lower_case"),
        ("{\"truncation_side\": \"top\"}", "truncation_side"), ("{\"pad_token\": 0}", "pad_token"),
        ("{\"pad_token\": \"\"}", "pad_token"),
        ("{\"added_tokens_decoder\": {\"x\": {\"content\": \"y\"}}}", "added_tokens_decoder.x"), ("{", "line 1, column 2"),
    ]

    @Test(arguments: configurations)
    func aBadConfigurationIsNamed(text: String, key: String) {
        let error = #expect(throws: TokenizerError.self) {
            try load(["tokenizer.json": Self.valid, "tokenizer_config.json": text])
        }
        #expect(error?.file.hasSuffix("/tokenizer_config.json") == true)
        #expect(error?.key == key)
    }

    @Test func badVocabularyFilesAreNamed() {
        for (text, key, problem) in [
            ("[UNK]\n[CLS]\n[SEP]\na\na\n", "line 5", "\"a\" stands in line 4 already"),
            ("[CLS]\n[SEP]\n", nil, "unknown token \"[UNK]\""), ("[UNK]\n[CLS]\n", nil, "separator token \"[SEP]\""),
            ("[UNK]\n[SEP]\n", nil, "classifier token \"[CLS]\""),
        ] as [(String, String?, String)] {
            let error = #expect(throws: TokenizerError.self) { try load(["vocab.txt": text]) }
            #expect(error?.file.hasSuffix("/vocab.txt") == true)
            #expect(error?.key == key)
            #expect(error?.problem.contains(problem) == true)
        }
    }

    @Test func vocabularyFilesMayHaveBlankLinesAndAnyLineBreaks() throws {
        let tokenizer = try load(["vocab.txt": "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\n\r\nun\r\n##do"])
        #expect(tokenizer.encode("undo [MASK]") == [2, 6, 7, 4, 3])
        #expect(tokenizer.vocabularySize == 8)
    }

    @Test func tokensThatOnlyTheConfigurationNamesComeLast() throws {
        let tokenizer = try load([
            "vocab.txt": "[UNK]\n[CLS]\n[SEP]\na\n", "special_tokens_map.json": "{\"pad_token\": \"<p>\"}",
        ])
        #expect(tokenizer.padID.map { tokenizer.tokens(of: [$0]) } == ["<p>"])
        #expect(tokenizer.vocabularySize == 6)
        #expect(tokenizer.encode("a<p>a").count == 5)
    }

    @Test func missingFilesAreNamed() throws {
        let error = #expect(throws: TokenizerError.self) { try load([:]) }
        #expect(error?.problem.contains("neither tokenizer.json nor vocab.txt") == true)
    }

    @Test(arguments: [
        ("{\"<x>\": 9}", "<x>", "id 9 here, but comes to 6"), ("{\"a\": 1}", "a", "id 1 here, but comes to 3"),
        ("{\"<x>\": \"6\"}", "<x>", "expected an integer"), ("{\"<x>\": -1}", "<x>", "out of range"), ("{\"\": 6}", "", "empty"),
    ])
    func addedTokensThatDoNotFollowTheVocabularyAreNamed(text: String, key: String, problem: String) {
        let vocabulary = "[UNK]\n[CLS]\n[SEP]\na\n[PAD]\n[MASK]\n"
        let error = #expect(throws: TokenizerError.self) { try load(["vocab.txt": vocabulary, "added_tokens.json": text]) }
        #expect(error?.file.hasSuffix("/added_tokens.json") == true)
        #expect(error?.key ?? "" == key)
        #expect(error?.problem.contains(problem) == true, "\(error.map(\.description) ?? "")")
    }

    @Test func filesOfOldHaveNoSayWhereTheConfigurationNamesTheTokens() throws {
        let tokenizer = try load([
            "tokenizer.json": Self.valid, "added_tokens.json": "{\"<x>\": 99}",
            "special_tokens_map.json": "{\"pad_token\": \"<p>\"}",
            "tokenizer_config.json": "{\"added_tokens_decoder\": {\"1\": {\"content\": \"[CLS]\", \"special\": true}}}",
        ])
        #expect(tokenizer.vocabularySize == 4 && tokenizer.padID == nil)
    }

    @Test func aFolderThatCannotBeWrittenIsNamed() throws {
        try withTemporaryFolder { folder in
            let file = folder.appendingPathComponent("file")
            try Data().write(to: file)
            let error = #expect(throws: TokenizerError.self) { try Fixture.tokenizer("added").save(to: file) }
            #expect(error?.file == file.path)
        }
    }
}
