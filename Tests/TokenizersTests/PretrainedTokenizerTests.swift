import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Tokenizers of all kinds of components give the reference's ids, and are the same after saving.
struct PretrainedTokenizerTests {
    @Test(arguments: ComponentFixture.names)
    func textsGiveTheReferencesIDs(name: String) throws {
        let cases = try ComponentFixture.cases(name).singles, tokenizer = try ComponentFixture.tokenizer(name)
        #expect(cases.count > 80)
        // Twice: the second time words are known already.
        for _ in 0..<2 {
            for example in cases {
                let ids = tokenizer.encode(example.text)
                #expect(ids == example.ids, "\(example.text.debugDescription)")
            }
        }
    }

    @Test(arguments: ComponentFixture.names)
    func idsGiveTheReferencesTexts(name: String) throws {
        let cases = try ComponentFixture.cases(name).singles, tokenizer = try ComponentFixture.tokenizer(name)
        for example in cases {
            let text = tokenizer.decode(example.ids), full = tokenizer.decode(example.ids, skippingSpecialTokens: false)
            #expect(text.isExactly(example.decoded), "\(example.text.debugDescription) \(text.debugDescription)")
            #expect(full.isExactly(example.withSpecialTokens), "\(example.text.debugDescription) \(full.debugDescription)")
        }
    }

    @Test(arguments: ComponentFixture.names + ["uncased"])
    func pairsGiveTheReferencesIDsAndTypes(name: String) throws {
        let cases = try ComponentFixture.cases(name).pairs, tokenizer = try ComponentFixture.tokenizer(name)
        #expect(cases.count > 50)
        for example in cases {
            let (ids, types) = tokenizer.encode(example.first, example.second, maximumLength: example.maximumLength)
            #expect(ids == example.ids, "\(example)")
            #expect(types == example.typeIDs, "\(example)")
        }
    }

    @Test(arguments: ComponentFixture.names)
    func savingKeepsWhatWasReadAndAddsWhatWasMissing(name: String) throws {
        let source = ComponentFixture.folder.appendingPathComponent(name)
        let original = try PretrainedTokenizer(directory: source)
        let texts = try ComponentFixture.cases(name).singles
        try withTemporaryFolder { folder in
            try original.save(to: folder)
            for file in try FileManager.default.contentsOfDirectory(atPath: source.path) {
                #expect(
                    try Data(contentsOf: folder.appendingPathComponent(file))
                        == Data(contentsOf: source.appendingPathComponent(file)), "\(file)")
            }
            let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
            #expect(
                files == [
                    "merges.txt", "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
                ])
            let again = try PretrainedTokenizer(directory: folder)
            #expect(again.vocabularySize == original.vocabularySize)
            #expect(again.padID == original.padID)
            for example in texts {
                #expect(again.encode(example.text) == example.ids)
                #expect(again.decode(example.ids).isExactly(example.decoded))
            }
        }
    }

    /// Without `tokenizer.json` the files beside it, which saving wrote, give the same byte-level tokenizer.
    @Test func theOldFilesThatAreWrittenAreThoseThatAreRead() throws {
        let original = try ComponentFixture.tokenizer("roberta-files")
        try withTemporaryFolder { folder in
            try original.save(to: folder)
            for name in ["merges.txt", "vocab.json"] { try FileManager.default.removeItem(at: folder.appendingPathComponent(name)) }
            try PretrainedTokenizer(directory: folder).save(to: folder)
            for name in ["tokenizer.json", "tokenizer_config.json"] {
                try FileManager.default.removeItem(at: folder.appendingPathComponent(name))
            }
            // That the mask takes the space before it with it is left in special_tokens_map.json alone.
            let again = try PretrainedTokenizer(directory: folder)
            for example in try ComponentFixture.cases("roberta-files").singles {
                #expect(again.encode(example.text) == example.ids)
            }
        }
    }

    @Test func specialTokensAndSizesAreRead() throws {
        let tokenizer = try ComponentFixture.tokenizer("roberta")
        #expect(tokenizer.padID == 1)
        #expect(tokenizer.modelMaximumLength == 512)
        #expect(tokenizer.vocabularySize == 601)
        #expect(tokenizer.id(of: "extra") == 600)
        #expect(tokenizer.id(of: "Ġ") != nil)
        #expect(try ComponentFixture.tokenizer("roberta-files").padID == 1)
        #expect(try ComponentFixture.tokenizer("gpt2").padID == nil)
    }

    @Test func theConfigurationMayAskForASpaceInFront() throws {
        try withTemporaryFolder { folder in
            let original = try ComponentFixture.tokenizer("roberta")
            try original.save(to: folder)
            for (name, isHeeded) in [("RobertaTokenizer", true), ("GPT2TokenizerFast", true), ("PreTrainedTokenizerFast", false)] {
                let text = "{\"tokenizer_class\": \"\(name)\", \"add_prefix_space\": true}"
                try Data(text.utf8).write(to: folder.appendingPathComponent("tokenizer_config.json"))
                let ids = try PretrainedTokenizer(directory: folder).encode("the")
                #expect(ids == original.encode(isHeeded ? " the" : "the"), "\(name)")
            }
        }
    }

    /// Any text comes back from its bytes.
    @Test(arguments: ["roberta", "roberta-files", "gpt2"])
    func byteLevelTokenizersLoseNothing(name: String) throws {
        let tokenizer = try ComponentFixture.tokenizer(name)
        var generator = RandomTexts()
        for _ in 0..<400 {
            let text = generator.next()
            let expected = name == "gpt2" && !text.isEmpty && !text.utf8.starts(with: " ".utf8) ? " " + text : text
            let decoded = tokenizer.decode(tokenizer.encode(text))
            #expect(decoded.isExactly(expected), "\(text.debugDescription) \(decoded.debugDescription)")
        }
    }

    /// Whatever Unicode there is, tokenizers of all kinds split it, cut it and join it.
    @Test(arguments: ComponentFixture.names + ["uncased"])
    func noTextIsTooStrange(name: String) throws {
        let tokenizer = try ComponentFixture.tokenizer(name)
        var generator = RandomTexts()
        for _ in 0..<200 {
            let (first, second) = (generator.next(), generator.next())
            let ids = tokenizer.encode(first)
            #expect(ids.allSatisfy { (0..<Int32(tokenizer.vocabularySize)).contains($0) })
            #expect(tokenizer.encode(first, maximumLength: 8).count <= Swift.max(8, tokenizer.encode("").count))
            let pair = tokenizer.encode(first, second, maximumLength: 9)
            #expect(pair.ids.count == pair.typeIDs.count && pair.ids.count <= 9)
            _ = tokenizer.decode(ids.reversed())
        }
    }

    @Test func manyThreadsSeeTheSameWords() async throws {
        let tokenizer = try ComponentFixture.tokenizer("roberta")
        let cases = try ComponentFixture.cases("roberta").singles
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask { cases.allSatisfy { tokenizer.encode($0.text) == $0.ids } }
            }
            for await isSame in group { #expect(isSame) }
        }
    }
}

/// Texts of random characters of all planes, with what tokenizers look for among them; the same each time.
private struct RandomTexts {
    private var state: UInt64 = 0x9E37_79B9_7F4A_7C15

    private mutating func random(below bound: UInt32) -> UInt32 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return UInt32(truncatingIfNeeded: state >> 33) % bound
    }

    mutating func next() -> String {
        let bounds: [UInt32] = [0x80, 0x80, 0x250, 0x3000, 0x11_0000]
        let phrases = [" ", "  ", "'ll", "'s ", "\n", "e\u{301}", "\u{200D}", "1", "Ġ", "▁", "<0x41>"]
        var text = String.UnicodeScalarView()
        for _ in 0..<random(below: 40) {
            if random(below: 4) == 0 {
                text += Array(phrases[Int(random(below: UInt32(phrases.count)))].unicodeScalars)
            } else if let scalar = Unicode.Scalar(random(below: bounds[Int(random(below: UInt32(bounds.count)))])) {
                text.append(scalar)
            }
        }
        return String(text)
    }
}
