import Autodiff
import Encoders
import Foundation
import JSON
import ModelFiles
import Testing

/// A folder of its own for a test; it is removed with the value.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("EncodersTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures").appendingPathComponent(name)
}

/// A fixture's encoder, its parameters converted to `dtype`.
func encoder(_ path: String, _ dtype: DType = .float32) throws -> any TokenEncoder {
    let folder = fixture(path)
    let encoder = try EncoderConfiguration.read(fromFolder: folder).encoder(fromFolder: folder).encoder
    if dtype != .float32 { for parameter in encoder.parameters { parameter.value = parameter.value.cast(to: dtype) } }
    return encoder
}

/// The input ids of `encoders/<name>.json`, or those that most models have.
func ids(_ name: String) throws -> [[Int32]] {
    let own = fixture("encoders/\(name).json"), all = fixture("encoders/architectures.json")
    guard case .array(let rows) = try JSONFile.read(FileManager.default.fileExists(atPath: own.path) ? own : all) else { return [] }
    return rows.map { row in
        guard case .array(let ids) = row else { return [] }
        return ids.compactMap { if case .integer(let id) = $0 { Int32(id) } else { nil } }
    }
}

/// Largest absolute difference of two tensors' elements; infinite where shapes differ.
func maximumDifference(_ a: Tensor, _ b: Tensor) -> Double {
    a.shape == b.shape ? zip(a.values, b.values).reduce(0) { max($0, abs($1.0 - $1.1)) } : .infinity
}

/// The same relative to the largest element of `b`.
func relativeDifference(_ a: Tensor, _ b: Tensor) -> Double {
    maximumDifference(a, b) / b.values.reduce(1e-300) { max($0, abs($1)) }
}

/// Expects that `body` throws a ``ModelFileError`` of a kind whose description holds every one of the words.
func expectError(
    _ kind: ModelFileError.Kind, _ words: [String], sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () throws -> Void
) {
    do {
        try body()
        Issue.record("nothing was thrown, expected \(words)", sourceLocation: sourceLocation)
    } catch let error as ModelFileError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
        for word in words {
            #expect(error.description.contains(word), "\(error) lacks \(word)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}
