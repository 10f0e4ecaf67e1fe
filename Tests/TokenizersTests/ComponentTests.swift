import Foundation
import JSON
import Testing

@testable import Tokenizers

/// Single components, made from their JSON, do as in the reference.
struct ComponentTests {
    let fixture: Node
    let texts: [String]

    init() throws {
        fixture = try ComponentFixture.components()
        texts = try fixture.required("texts").strings()
    }

    private func normalized(_ text: String, _ normalizer: any Normalizer) -> String {
        String(decoding: normalizer.normalized(Array(text.utf8)), as: UTF8.self)
    }

    private func words(_ text: String, _ preTokenizer: any PreTokenizer) -> [String] {
        var split = SplitText()
        let bytes = Array(text.utf8)
        split.set(bytes, 0..<bytes.count, startsInput: true)
        preTokenizer.split(&split)
        return split.words.map { String(decoding: split.bytes[$0], as: UTF8.self) }
    }

    private func isExactly(_ found: [String], _ expected: [String]) -> Bool {
        found.map(ExactKey.init) == expected.map(ExactKey.init)
    }

    @Test func normalizers() throws {
        let cases = try fixture.required("normalizers").elements()
        #expect(cases.count > 10)
        for example in cases {
            let json = try example.required("json")
            let normalizer = try #require(try TokenizerComponents.normalizer(json))
            for (text, result) in zip(texts, try example.required("results").strings()) {
                let found = normalized(text, normalizer)
                #expect(found.isExactly(result), "\(json.value.serialized(.compact)) \(text.debugDescription)")
            }
        }
    }

    @Test func preTokenizers() throws {
        let cases = try fixture.required("preTokenizers").elements()
        #expect(cases.count > 25)
        for example in cases {
            let json = try example.required("json")
            let preTokenizer = try #require(try TokenizerComponents.preTokenizer(json))
            for (text, result) in zip(texts, try example.required("results").elements()) {
                let found = words(text, preTokenizer)
                // The reference lets some pass a word of nothing on, of which models make nothing.
                let expected = try result.strings().filter { !$0.isEmpty }
                #expect(isExactly(found, expected), "\(json.value.serialized(.compact)) \(text.debugDescription) \(found)")
            }
        }
    }

    @Test func decoders() throws {
        let cases = try fixture.required("decoders").elements(), tokens = try fixture.required("tokens").elements()
        #expect(cases.count > 10)
        for example in cases {
            let json = try example.required("json")
            let decoder = try #require(try TokenizerComponents.decoder(json))
            for (tokens, result) in zip(tokens, try example.required("results").strings()) {
                let found = decoder.decode(try tokens.strings()).joined()
                #expect(found.isExactly(result), "\(json.value.serialized(.compact)) \(tokens.value) \(found.debugDescription)")
            }
        }
    }

    /// Every code point beside letters, digits, marks and itself, hashed by planes.
    @Test(arguments: 0..<11) func everyCodePoint(index: Int) throws {
        let cases = try fixture.required("everyCodePoint").elements()
        try #require(cases.count == 11)
        let json = try cases[index].required("json")
        let normalizer = try cases[index].required("isNormalizer").bool() ? try TokenizerComponents.normalizer(json) : nil
        let preTokenizer = normalizer == nil ? try TokenizerComponents.preTokenizer(json) : nil
        for (plane, hash) in try cases[index].required("hashes").strings().enumerated() {
            var found = Vocabulary.emptyHash
            var split = SplitText()
            for code in UInt32(plane << 16)..<UInt32((plane + 1) << 16) where !(0xD800..<0xE000).contains(code) {
                var text: [UInt8] = [0x61], character: [UInt8] = []
                character.appendUTF8(of: code)
                text += character + [0x20, 0x31] + character + character
                text += "\u{301}\u{323}".utf8
                text += character + [0x20, 0x2E]
                if let normalizer {
                    text = normalizer.normalized(text)
                } else if let preTokenizer {
                    split.set(text, 0..<text.count, startsInput: true)
                    preTokenizer.split(&split)
                    text = Array(split.words.map { split.bytes[$0] }.joined(separator: [0x0A]))
                }
                for byte in text { found = Vocabulary.hash(found, adding: byte) }
                found = Vocabulary.hash(found, adding: 0)
            }
            #expect(found == UInt64(hash, radix: 16), "\(json.value.serialized(.compact)), plane \(plane)")
        }
    }

    @Test(arguments: [
        (#"{"type": "Replace", "pattern": {"Regex": "x(+"}, "content": ""}"#, "c.pattern.Regex", "a quantifier follows nothing"),
        (#"{"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "NFX"}]}"#, "c.normalizers[1]", #"type "NFX" is not supported"#),
        (#"{"type": "Precompiled", "precompiled_charsmap": "?"}"#, "c.precompiled_charsmap", "expected Base64"),
        (#"{"type": "Precompiled", "precompiled_charsmap": "AAA="}"#, "c.precompiled_charsmap", "has 2 bytes"),
        (#"{"type": "Precompiled", "precompiled_charsmap": "CAAAAAAA"}"#, "c.precompiled_charsmap", "its tree has 8 bytes"),
        (#"{"type": "Replace", "pattern": {"String": ""}, "content": ""}"#, "c.pattern.String", "expected a text that is not empty"),
        (#"{"type": "Sequence", "normalizers": [null]}"#, "c.normalizers[0]", "expected a component"),
        (#"{"type": "Strip", "strip_left": true}"#, "c", #""strip_right" is missing"#),
    ])
    func whatIsNotKnownIsNamed(text: String, key: String, problem: String) throws {
        let node = Node(try JSONValue.parse([UInt8](text.utf8)), at: JSONPlace(file: "f", path: "c"))
        let error = #expect(throws: TokenizerError.self) { try TokenizerComponents.normalizer(node) }
        #expect(error?.key == key)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }

    @Test(arguments: [
        (#"{"type": "Split", "pattern": {"Regex": "\\1"}, "behavior": "Isolated"}"#, "c.pattern.Regex", #"\1 is not supported"#),
        (#"{"type": "Split", "pattern": {"String": " "}, "behavior": "Dropped"}"#, "c.behavior", "supported are Removed, Isolated"),
        (#"{"type": "Metaspace", "replacement": "__"}"#, "c.replacement", "a single character"),
        (#"{"type": "Metaspace", "replacement": "_", "prepend_scheme": "last"}"#, "c.prepend_scheme", "supported are always, first, never"),
        (#"{"type": "Unknown"}"#, "c", "supported are BertPreTokenizer, ByteLevel, Metaspace"),
    ])
    func preTokenizersThatAreNotKnownAreNamed(text: String, key: String, problem: String) throws {
        let node = Node(try JSONValue.parse([UInt8](text.utf8)), at: JSONPlace(file: "f", path: "c"))
        let error = #expect(throws: TokenizerError.self) { try TokenizerComponents.preTokenizer(node) }
        #expect(error?.key == key)
        #expect(error?.problem.contains(problem) == true, "\(String(describing: error))")
    }
}
