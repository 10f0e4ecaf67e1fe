import Foundation
import JSON

@testable import Tokenizers

/// Tokenizers of all kinds of components and what the Python libraries made of texts with them, as
/// `Tests/Reference/tokenizer_component_fixtures.py` wrote it.
enum ComponentFixture {
    struct Single: Decodable {
        let text: String
        let ids: [Int32]
        let decoded: String
        let withSpecialTokens: String
    }

    struct Pair: Decodable {
        let first: String
        let second: String
        let maximumLength: Int?
        let ids: [Int32]
        let typeIDs: [Int32]
    }

    struct Cases: Decodable {
        let singles: [Single]
        let pairs: [Pair]
    }

    static let names = ["roberta", "roberta-files", "gpt2", "llama", "suffix", "prefix", "metaspace", "metaspace-always"]

    static let folder = Fixture.folder.deletingLastPathComponent().appendingPathComponent("components")

    static func cases(_ name: String) throws -> Cases {
        let data = try Data(contentsOf: folder.appendingPathComponent("cases.json"))
        return try JSONDecoder().decode([String: Cases].self, from: data)[name]!
    }

    /// BERT's is among the fixtures of old.
    static func tokenizer(_ name: String) throws -> PretrainedTokenizer {
        name == "uncased" ? try Fixture.tokenizer(name) : try PretrainedTokenizer(directory: folder.appendingPathComponent(name))
    }

    /// What single components make of texts.
    static func components() throws -> Node {
        let file = folder.appendingPathComponent("components.json")
        return Node(try JSONValue.parse([UInt8](Data(contentsOf: file))), file: file.path)
    }
}
