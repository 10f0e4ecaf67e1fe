import Autodiff
import Foundation
import ModelFiles
import SentenceEmbeddings
import Testing

/// Embeddings and what the reference finds in them.
enum Fixtures {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/search")

    static func rows(_ name: String) throws -> Tensor {
        try SafetensorsFile(contentsOf: folder.appendingPathComponent("embeddings.safetensors")).tensor(name)
    }

    static func expected<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value {
        let all = try JSONSerialization.jsonObject(with: Data(contentsOf: folder.appendingPathComponent("expected.json")))
        let value = try #require((all as? [String: Any])?[name])
        return try JSONDecoder().decode(Value.self, from: JSONSerialization.data(withJSONObject: value, options: .fragmentsAllowed))
    }

    /// The six vectors of which the communities and paraphrases are known.
    static let sixRows = Tensor([[1, 0], [0.99, 0.1], [0.98, 0.15], [0, 1], [0.05, 1], [0.7, 0.7]])
}

/// Expects an error whose description holds every one of the words.
func expectSearchError(_ words: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Void) {
    let error = #expect(throws: SearchError.self, sourceLocation: sourceLocation) { try body() }
    for word in words {
        #expect(error?.description.contains(word) == true, "\(error?.description ?? "") lacks \(word)", sourceLocation: sourceLocation)
    }
}
