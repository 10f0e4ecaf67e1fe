import Autodiff
import Foundation
import Images
import JSON
import ModelFiles
import SentenceEmbeddings
import Testing

/// A folder of its own for a test; it is removed with the value.
final class TemporaryFolder: Sendable {
    let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("CLIPTests-\(UUID().uuidString)", isDirectory: true)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    func file(_ name: String) -> URL { url.appendingPathComponent(name) }
}

func fixture(_ name: String) -> URL {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/clip").appendingPathComponent(name)
}

func figure(_ name: String) throws -> Tensor { try SafetensorsFile(contentsOf: fixture("figures.safetensors")).tensor(name) }

/// Names and content of the images of the fixtures, in the order of the figures.
func images() throws -> [(name: String, image: Image)] {
    try FileManager.default.contentsOfDirectory(atPath: fixture("images").path).sorted().map { name in
        (name, try Image(contentsOf: fixture("images/\(name)")))
    }
}

/// The texts of the fixtures, and their ids.
func texts() throws -> [(text: String, ids: [Int32])] {
    guard case .array(let rows) = try JSONFile.read(fixture("texts.json")) else { return [] }
    return rows.compactMap { row in
        guard case .object(let object) = row, case .string(let text)? = object["text"], case .array(let ids)? = object["ids"] else {
            return nil
        }
        return (text, ids.compactMap { if case .integer(let id) = $0 { Int32(id) } else { nil } })
    }
}

/// The folder of a fixture's model; that of old gets the weights of the other one.
func folder(_ name: String, in temporary: TemporaryFolder) throws -> URL {
    let copy = temporary.file(name)
    try FileManager.default.copyItem(at: fixture(name), to: copy)
    if name == "older" {
        try FileManager.default.copyItem(
            at: fixture("model/model.safetensors"), to: copy.appendingPathComponent("0_CLIPModel/model.safetensors"))
    }
    return copy
}

/// Largest difference of elements, relative to the largest element of `b`; infinite where shapes differ.
func relativeDifference(_ a: Tensor, _ b: Tensor) -> Double {
    a.maximumDifference(to: b.cast(to: a.dtype)) / b.scalars(as: Double.self).reduce(1e-300) { max($0, abs($1)) }
}

extension Tensor {
    func scalars(as type: Double.Type) -> [Double] { cast(to: .float64).scalars(Double.self) }
}
