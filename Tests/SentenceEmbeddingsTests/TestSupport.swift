import Foundation
import Tapestry
import Testing

/// A folder of its own for a test; it is removed with the value.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("SentenceEmbeddingsTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }

    /// A copy of a fixture model that a test may spoil.
    func copy(of model: String) throws -> URL {
        try FileManager.default.copyItem(at: fixture("models/\(model)"), to: file(model))
        return file(model)
    }
}

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").appendingPathComponent(name)
}

/// A fixture model, its parameters converted to `dtype`.
func model(_ name: String, _ dtype: DType = .float32) throws -> SentenceTransformer {
    let model = try SentenceTransformer(fixture("models/\(name)").path)
    if dtype != .float32 {
        for parameter in model.parameters { parameter.value = parameter.value.cast(to: dtype) }
    }
    return model
}

/// The texts of the fixtures and the ids that a model's tokenizer gives them.
struct Sentences {
    let texts: [String]
    private let entries: [[String: JSONValue]]

    init() throws {
        guard case .array(let values) = try JSONFile.read(fixture("models/sentences.json")) else {
            throw FixtureError("sentences.json: no list")
        }
        entries = try values.map { value in
            guard case .object(let object) = value else { throw FixtureError("sentences.json: no object") }
            return Dictionary(uniqueKeysWithValues: object.members.map { ($0.key, $0.value) })
        }
        texts = try entries.map { entry in
            guard case .string(let text)? = entry["text"] else { throw FixtureError("sentences.json: no text") }
            return text
        }
    }

    func ids(_ model: String) throws -> [[Int32]] {
        try entries.map { entry in
            guard case .array(let values)? = entry[model] else { throw FixtureError("sentences.json: no \(model)") }
            return try values.map { value in
                guard case .integer(let id) = value else { throw FixtureError("sentences.json: no id") }
                return Int32(id)
            }
        }
    }
}

struct FixtureError: Error {
    let problem: String

    init(_ problem: String) { self.problem = problem }
}

/// Figures of the reference: the name's own in float32, or those that were computed in float64.
func expected(_ name: String, _ dtype: DType = .float32) throws -> Tensor {
    try SafetensorsFile(contentsOf: fixture("models/expected.safetensors"))
        .tensor(dtype == .float64 ? "\(name).f64" : name)
}

/// The largest difference that is allowed to the reference's figures, which are of order one.
func tolerance(_ dtype: DType) -> Double { dtype == .float64 ? 1e-10 : 2e-6 }

/// Expects a typed error whose description holds every one of the words.
func expectError<Failure: Error>(
    _ type: Failure.Type, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown, expected \(words)", sourceLocation: sourceLocation)
    } catch let error as Failure {
        for word in words {
            #expect("\(error)".contains(word), "\(error) lacks \(word)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}
