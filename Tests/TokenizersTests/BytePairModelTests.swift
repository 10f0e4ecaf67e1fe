import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Merges worked by hand, and files that are no good.
struct BytePairModelTests {
    private func model(_ text: String) throws -> BytePairModel {
        try BytePairModel(Node(try JSONValue.parse([UInt8](text.utf8)), at: JSONPlace(file: "f", path: "model")))
    }

    private func ids(_ word: String, _ model: BytePairModel) -> [Int32] {
        let bytes = Array(word.utf8)
        var tokens = TokenList(), scratch: [UInt64] = []
        tokens.ids = [-7]
        model.tokenize(bytes, 0..<bytes.count, into: &tokens, scratch: &scratch)
        #expect(tokens.ids.first == -7)
        return Array(tokens.ids.dropFirst())
    }

    static let vocabulary = #""vocab": {"a": 0, "b": 1, "c": 2, "ab": 3, "bc": 4, "abc": 5, "?": 6, "aa": 7}"#

    @Test func theFirstOfTheMergesComesFirst() throws {
        let model = try model("{\(Self.vocabulary), \"merges\": [\"b c\", \"a b\", [\"a\", \"bc\"], \"a a\"]}")
        #expect(ids("abc", model) == [5])
        #expect(ids("abab", model) == [3, 3])
        // Of equal pairs the leftmost.
        #expect(ids("aaa", model) == [7, 0])
        #expect(ids("aaaab", model) == [7, 0, 3])
        #expect(ids("", model) == [])
        // A character that is no token is dropped where nothing stands for it.
        #expect(ids("axb", model) == [3])
    }

    @Test func unknownCharactersAreOneTokenEachOrTogether() throws {
        let merges = #""merges": [], "unk_token": "?""#
        #expect(ids("xyaz", try model("{\(Self.vocabulary), \(merges)}")) == [6, 6, 0, 6])
        #expect(ids("xyaz", try model("{\(Self.vocabulary), \(merges), \"fuse_unk\": true}")) == [6, 0, 6])
    }

    @Test func wordsThatAreTokensCanBeTakenAsTheyAre() throws {
        let text = "{\(Self.vocabulary), \"merges\": [\"a b\"], \"ignore_merges\": true}"
        #expect(ids("abc", try model(text)) == [5])
        #expect(ids("abca", try model(text)) == [3, 2, 0])
    }

    @Test(arguments: [
        (#""merges": ["a b c"]"#, "model.merges[0]", "two tokens with a space"),
        (#""merges": ["ab"]"#, "model.merges[0]", "two tokens"), (#""merges": [3]"#, "model.merges[0]", "two tokens"),
        (#""merges": ["a b", ["a"]]"#, "model.merges[1]", "a list of two tokens"),
        (#""merges": [["x", "a"]]"#, "model.merges[0]", "\"x\" is not in model.vocab"),
        (#""merges": ["c a"]"#, "model.merges[0]", "\"ca\" is not in model.vocab"), (#""merges": {}"#, "model.merges", "a list"),
        (#""merges": [], "unk_token": "!""#, "model", "\"!\" is not in model.vocab"),
        (#""merges": [], "dropout": 0.1"#, "model.dropout", "dropout is not supported"),
        (#""type": "BPE""#, "model", "\"merges\" is missing"),
    ])
    func badPartsAreNamed(part: String, key: String, problem: String) {
        let error = #expect(throws: TokenizerError.self) { try model("{\(Self.vocabulary), \(part)}") }
        #expect(error?.key == key)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test func oldFilesThatAreNoGoodAreNamed() throws {
        let vocabulary = #"{"<s>": 0, "</s>": 1, "a": 2}"#
        for (files, file, key, problem) in [
            (["vocab.json": vocabulary], "", nil, "vocab.json with merges.txt"),
            (["vocab.json": #"{"<s>": 0, "a": "b"}"#, "merges.txt": ""], "/vocab.json", "model.vocab", "expected an integer"),
            (["vocab.json": vocabulary, "merges.txt": "#version\na b\n"], "/vocab.json", "model.merges[0]", "\"b\" is not in"),
            (
                ["vocab.json": vocabulary, "merges.txt": "", "tokenizer_config.json": #"{"tokenizer_class": "CTRLTokenizer"}"#],
                "/tokenizer_config.json", "tokenizer_class", "RobertaTokenizer, BartTokenizer"
            ),
            (
                ["vocab.json": #"{"a": 0}"#, "merges.txt": "", "tokenizer_config.json": #"{"tokenizer_class": "RobertaTokenizer"}"#],
                "/vocab.json", nil, "the classifier token \"<s>\" is not in the vocabulary"
            ),
        ] as [([String: String], String, String?, String)] {
            try withTemporaryFolder { folder in
                for (name, text) in files { try Data(text.utf8).write(to: folder.appendingPathComponent(name)) }
                let error = #expect(throws: TokenizerError.self) { try PretrainedTokenizer(directory: folder) }
                #expect(error?.file.hasSuffix(file) == true)
                #expect(error?.key == key)
                #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
            }
        }
    }
}
