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

    /// - Throws: `ModelFileError` when it is missing or broken.
    static func file(in folder: URL) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: folder.appendingPathComponent(fileName))
    }
}

extension Objective {
    /// Gives its own parameters the values that a trainer left in a model's folder or a checkpoint.
    ///
    /// - Parameter task: The number of the task that it was trained for, from 0.
    /// - Throws: `ModelFileError` when the folder has none, or others.
    public func takeParameters(from folder: URL, task: Int = 0) throws {
        try Weights.load(parameters.named(under: "\(task)"), from: LossParameters.file(in: folder))
    }
}
