import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Models of SentencePiece, unigram models and words give the reference's ids: `Tests/Reference/tokenizer_model_fixtures.py`.
struct SentencePieceTests {
    struct Cases: Decodable {
        struct Single: Decodable {
            let text: String
            let ids: [Int32]
        }

        struct Pair: Decodable {
            let first: String
            let second: String
            let ids: [Int32]
            let typeIDs: [Int32]
        }

        let model: String?
        let file: String?
        let configuration: String?
        let singles: [Single]
        let pairs: [Pair]
    }

    static let folder = Fixture.folder.deletingLastPathComponent().appendingPathComponent("sentencepiece")
    static let classes = [
        "xlm-roberta", "camembert", "t5", "albert", "albert-cased", "deberta", "deberta-split", "llama", "llama-legacy",
    ]

    static func cases(_ name: String) throws -> Cases {
        try JSONDecoder().decode([String: Cases].self, from: Data(contentsOf: folder.appendingPathComponent("cases.json")))[name]!
    }

    static func model(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    /// A folder with the files of a class.
    static func withFolder<Result>(_ cases: Cases, _ body: (URL) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in
            try Data(model(cases.model!)).write(to: folder.appendingPathComponent(cases.file!))
            try Data(cases.configuration!.utf8).write(to: folder.appendingPathComponent("tokenizer_config.json"))
            return try body(folder)
        }
    }

    private func expectSame(_ cases: Cases, _ tokenizer: PretrainedTokenizer) {
        #expect(cases.singles.count > 50)
        for example in cases.singles { #expect(tokenizer.encode(example.text) == example.ids, "\(example.text.debugDescription)") }
        for pair in cases.pairs {
            let (ids, typeIDs) = tokenizer.encode(pair.first, pair.second)
            #expect(ids == pair.ids && typeIDs == pair.typeIDs, "\(pair.first), \(pair.second)")
        }
    }

    @Test(arguments: classes) func everyClassGivesTheReferencesIDs(name: String) throws {
        let cases = try Self.cases(name)
        try Self.withFolder(cases) { expectSame(cases, try PretrainedTokenizer(directory: $0)) }
    }

    @Test(arguments: ["pieces", "pieces-bytes", "words"]) func modelsOfTokenizerFilesGiveTheReferencesIDs(name: String) throws {
        expectSame(try Self.cases(name), try PretrainedTokenizer(directory: Self.folder.appendingPathComponent(name)))
    }

    @Test(arguments: classes) func whatIsSavedReadsTheSame(name: String) throws {
        let cases = try Self.cases(name)
        try Self.withFolder(cases) { folder in
            let saved = folder.appendingPathComponent("saved")
            try PretrainedTokenizer(directory: folder).save(to: saved)
            try FileManager.default.removeItem(at: saved.appendingPathComponent(cases.file!))
            expectSame(cases, try PretrainedTokenizer(directory: saved))
        }
    }

    /// Every file that is cut off is told from a whole one, or has lost nothing that counts.
    @Test(arguments: ["unigram.model", "bpe.model"]) func filesThatAreCutOffAreRefused(name: String) throws {
        let bytes = try Self.model(name)
        let whole = try SentencePieceFile(bytes, file: name)
        #expect(whole.pieces.count > 100)
        var refused = 0
        for count in bytes.indices {
            do {
                let cut = try SentencePieceFile(Array(bytes[..<count]), file: name)
                #expect(cut.pieces.count == whole.pieces.count && cut.characterMap == whole.characterMap, "\(count)")
            } catch let error as TokenizerError {
                refused += 1
                #expect(error.file == name && error.problem.contains("cut off"), "\(count): \(error)")
            }
        }
        #expect(refused > bytes.count * 9 / 10)
    }

    @Test func filesThatSayTooMuchAreRefused() throws {
        func problem(_ bytes: [UInt8]) -> String {
            do {
                _ = try SentencePieceFile(bytes, file: "f")
                return ""
            } catch { return "\(error)" }
        }
        let piece: [UInt8] = [0x0A, 0x03, 0x0A, 0x01, 0x61], end: [UInt8] = [0x1A, 0x00]
        #expect(problem([]).contains("no pieces"))
        #expect(problem(piece).contains("no trainer_spec"))
        #expect(problem(piece + [0x12, 0x00]).contains("no normalizer_spec"))
        #expect(problem(piece + [0x12, 0x00] + end) == "")
        #expect(problem(piece + [0x12, 0x03, 0xC0, 0x02, 0x05] + end).contains("unk_id of trainer_spec is 5"))
        #expect(problem(piece + [0x12, 0x02, 0x18, 0x09] + end).contains("no type 9"))
        #expect(problem([0x0A, 0x02, 0x18, 0x09]).contains("no type 9"))
        #expect(problem([0x0A, 0x03, 0x0A, 0x01, 0xFF]).contains("UTF-8"))
        #expect(problem([0x0A, 0x05, 0x15, 0x00, 0x00, 0xC0, 0x7F]).contains("the score is nan"))
        #expect(problem([0x0B]).contains("unknown kind 3"))
        #expect(problem([0x02]).contains("without a number"))
        #expect(problem([UInt8](repeating: 0x88, count: 11)).contains("more than 10 bytes"))
        #expect(problem([0x0A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F]).contains("cut off"))
    }

    @Test func classesThatAreNotKnownAreNamed() throws {
        let cases = try Self.cases("t5")
        try Self.withFolder(cases) { folder in
            try Data(#"{"tokenizer_class": "XLNetTokenizer"}"#.utf8).write(to: folder.appendingPathComponent("tokenizer_config.json"))
            let error = #expect(throws: TokenizerError.self) { try PretrainedTokenizer(directory: folder) }
            #expect(error?.key == "tokenizer_class" && error?.problem.contains("T5Tokenizer") == true)
            try Data(#"{"tokenizer_class": "LlamaTokenizer"}"#.utf8).write(to: folder.appendingPathComponent("tokenizer_config.json"))
            let other = #expect(throws: TokenizerError.self) { try PretrainedTokenizer(directory: folder) }
            #expect(other?.problem.contains("a unigram model") == true)
        }
    }

    @Test(arguments: [
        (#"{"vocab": [["a"]], "unk_id": 0}"#, "model.vocab[0]", "a piece and its score"),
        (#"{"vocab": [["a", 0]], "unk_id": 1}"#, "model.unk_id", "none of the 1 pieces"), (#"{"vocab": {}}"#, "model.vocab", "a list"),
        (#"{"vocab": [["a", "b"]]}"#, "model.vocab[0]", "a piece and its score"),
    ])
    func unigramModelsThatAreMalformedAreNamed(text: String, key: String, problem: String) throws {
        let node = Node(try JSONValue.parse([UInt8](text.utf8)), at: JSONPlace(file: "f", path: "model"))
        let error = #expect(throws: TokenizerError.self) { try UnigramModel(node) }
        #expect(error?.key == key)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test func triesFindEveryBeginning() {
        var generator = SystemRandomNumberGenerator()
        var pieces: Set<[UInt8]> = []
        for _ in 0..<3000 { pieces.insert((0..<Int.random(in: 1...6, using: &generator)).map { _ in UInt8.random(in: 0...9) * 28 }) }
        let numbered = pieces.enumerated().map { (bytes: $1, value: Int32($0)) }
        let trie = PieceTrie(numbered)
        for (bytes, value) in numbered {
            let text = bytes + [3]
            var found: [Int32] = []
            trie.forEachPrefix(of: text, 0, text.count) { value, _ in found.append(value) }
            let expected = numbered.filter { bytes.starts(with: $0.bytes) }.sorted { $0.bytes.count < $1.bytes.count }.map(\.value)
            if found != expected { Issue.record("\(bytes): \(found), expected \(expected), value \(value)") }
        }
    }
}
