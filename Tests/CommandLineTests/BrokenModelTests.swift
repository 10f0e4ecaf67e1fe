import Foundation
import Tapestry
import Testing

/// Model directories that are damaged are refused by name, and nothing crashes.
struct BrokenModelTests {
    let tool: CommandLineTool
    let model: URL

    init() throws {
        tool = try CommandLineTool()
        model = try tool.copyModel()
    }

    private var weights: URL { model.appendingPathComponent("model.safetensors") }

    private func expect(_ parts: String...) throws {
        let result = try tool.run("info", "--model", "model")
        #expect(result.code == 1, "\(result.errors)")
        for part in parts { #expect(result.errors.contains(part), "\(result.errors)") }
    }

    /// The file with its header changed as text, of the same or another length.
    private func rewriteHeader(_ change: (String) -> String) throws {
        let data = try Data(contentsOf: weights)
        let length = data.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = change(String(decoding: data[8..<8 + length], as: UTF8.self))
        var size = Data()
        for i in 0..<8 { size.append(UInt8(header.utf8.count >> (8 * i) & 255)) }
        try (size + Data(header.utf8) + data[(8 + length)...]).write(to: weights)
    }

    @Test func withoutWeights() throws {
        try FileManager.default.removeItem(at: weights)
        try expect("model.safetensors")
    }

    @Test func truncatedWeights() throws {
        let data = try Data(contentsOf: weights)
        try data.prefix(data.count - 100).write(to: weights)
        try expect("model.safetensors", "truncated")
    }

    @Test func truncatedHeader() throws {
        try Data(contentsOf: weights).prefix(200).write(to: weights)
        try expect("model.safetensors", "header")
    }

    @Test func oversizedHeader() throws {
        var data = try Data(contentsOf: weights)
        data.replaceSubrange(0..<8, with: [255, 255, 255, 255, 255, 0, 0, 0])
        try data.write(to: weights)
        try expect("model.safetensors", "header")
    }

    @Test func mistypedHeader() throws {
        try rewriteHeader { $0.replacingOccurrences(of: "\"F32\"", with: "\"X32\"") }
        try expect("model.safetensors", "X32")
    }

    @Test func missingTensorsAreNamed() throws {
        try rewriteHeader { $0.replacingOccurrences(of: "encoder.layer.1.output.dense.bias", with: "encoder.layer.1.output.dense.bios") }
        try expect("model.safetensors", "encoder.layer.1.output.dense.bias", "is missing")
    }

    @Test func wrongShapesAreNamed() throws {
        let configuration = model.appendingPathComponent("config.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try text.replacingOccurrences(of: "\"intermediate_size\": 64", with: "\"intermediate_size\": 48")
            .write(to: configuration, atomically: true, encoding: .utf8)
        try expect("model.safetensors", "encoder.layer.0.intermediate.dense.weight has shape [64, 32]", "[48, 32] is needed")
    }

    @Test(arguments: ["../other", "/tmp", "1_Pooling/../../other"]) func pathsThatLeadOutside(_ path: String) throws {
        let list = model.appendingPathComponent("modules.json")
        let text = try String(contentsOf: list, encoding: .utf8)
        try text.replacingOccurrences(of: "\"1_Pooling\"", with: "\"\(path)\"").write(to: list, atomically: true, encoding: .utf8)
        try expect("modules.json", path)
    }

    @Test func unknownArchitecture() throws {
        let configuration = model.appendingPathComponent("config.json")
        let text = try String(contentsOf: configuration, encoding: .utf8)
        try text.replacingOccurrences(of: "\"model_type\": \"bert\"", with: "\"model_type\": \"mamba\"")
            .write(to: configuration, atomically: true, encoding: .utf8)
        try expect("config.json", "mamba", "bert")
    }
}
