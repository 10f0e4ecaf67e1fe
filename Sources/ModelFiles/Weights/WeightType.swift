import Autodiff
import Foundation
import JSON

/// The types in which a model's weights can be written.
public enum WeightType: String, Sendable, CaseIterable {
    /// 32 bits, as they are computed with.
    case float32
    /// IEEE floats of 16 bits.
    case float16
    /// The upper 16 bits of a float of 32.
    case bfloat16

    private var fileType: SafetensorsType {
        switch self {
        case .float32: .float32
        case .float16: .float16
        case .bfloat16: .bfloat16
        }
    }

    /// Writes the safetensors files of a model's folder again in this type, and lets each `config.json` of a transformer
    /// beside them name it: the original opens a model in the type that stands there.
    ///
    /// - Throws: ``ModelFileError``.
    public func rewrite(folder: URL) throws {
        let paths = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?.compactMap { $0 as? URL } ?? []
        for url in paths where url.pathExtension == "safetensors" {
            let file = try SafetensorsFile(contentsOf: url)
            try SafetensorsWriter.write(try file.tensors.map { try tensor($0, of: file) }, metadata: file.metadata, to: url)
            try nameIn(url.deletingLastPathComponent().appendingPathComponent(ModelDirectory.configurationFileName))
        }
    }

    private func tensor(_ entry: TensorEntry, of file: SafetensorsFile) throws -> SafetensorsTensor {
        let isNumber = [.float64, .float32, .float16, .bfloat16].contains(entry.dtype)
        guard isNumber, entry.dtype != fileType, let tensor = try? file.tensor(entry.name) else {
            return SafetensorsTensor(name: entry.name, dtype: entry.dtype, shape: entry.shape) { sink in
                try file.withUnsafeBytes(of: file[entry.name]!, sink)
            }
        }
        return switch self {
        case .float32: SafetensorsTensor(name: entry.name, tensor: tensor.cast(to: .float32))
        case .float16: SafetensorsTensor(name: entry.name, float16: tensor)
        case .bfloat16: SafetensorsTensor(name: entry.name, bfloat16: tensor)
        }
    }

    private func nameIn(_ configuration: URL) throws {
        guard FileManager.default.fileExists(atPath: configuration.path) else { return }
        var object = try JSONFile.readObject(configuration)
        guard object["model_type"] != nil else { return }
        object["dtype"] = .string(rawValue)
        if object["torch_dtype"] != nil { object["torch_dtype"] = .string(rawValue) }
        try JSONFile.write(.object(object), to: configuration, style: JSONStyle(indentation: 2, sortsKeys: true))
    }
}
