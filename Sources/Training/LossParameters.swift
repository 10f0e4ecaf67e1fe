import Foundation
import Layers
import ModelFiles

/// The file of parameters that belong to objectives: the classifier of a `SoftmaxLoss`, a learned temperature.
///
/// It lies beside the model in every folder that a trainer writes, and names each by the number of its task, from 0:
/// `0.classifier.weight`.
enum LossParameters {
    static let fileName = "loss.safetensors"

    static func write(_ parameters: [NamedParameter], to folder: URL) throws {
        try Weights.save(parameters.map { ($0.name, $0.parameter.value) }, to: folder.appendingPathComponent(fileName))
    }

    /// Why a folder's are not the ones that a run has; nil where they are.
    static func mismatch(_ parameters: [NamedParameter], in folder: URL) throws -> String? {
        let exists = FileManager.default.fileExists(atPath: folder.appendingPathComponent(fileName).path)
        let saved = exists ? try file(in: folder) : nil
        if let named = parameters.first(where: { saved?[$0.name]?.shape != $0.parameter.shape }) {
            return "the objective's parameter \(named.name) \(named.parameter.shape) is not in it"
        }
        let count = saved?.names.count ?? 0
        return count == parameters.count ? nil : "it holds \(count) parameters of objectives, but this run has \(parameters.count)"
    }

    /// - Throws: `ModelFileError` when it is missing or broken.
    static func file(in folder: URL) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: folder.appendingPathComponent(fileName))
    }
}

extension Objective {
    /// Gives its own parameters the values that a trainer left in a model's folder or a checkpoint.
    ///
    /// - Parameters:
    ///   - folder: The model's folder, or a checkpoint.
    ///   - task: The number of the task that it was trained for, from 0.
    /// - Throws: `ModelFileError` when the folder has none, or others.
    public func takeParameters(from folder: URL, task: Int = 0) throws {
        try Weights.load(parameters.named(under: "\(task)"), from: LossParameters.file(in: folder))
    }
}
