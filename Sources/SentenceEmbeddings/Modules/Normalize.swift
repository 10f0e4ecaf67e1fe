import Autodiff
import Foundation
import Layers
import ModelFiles
import Requirements

/// Divides each sentence embedding by its length.
public struct Normalize: EmbeddingModule {
    public static var typeName: String { ModuleKind.normalize.typeName(.version6) }
    public var summary: String { "unit length" }

    /// The module; it has no settings.
    public init() {}

    /// - Throws: `ModelFileError` for a configuration that asks for anything else.
    public init(folder: URL) throws {
        guard let configuration = try NormalizeConfiguration.readIfPresent(fromFolder: folder) else { return }
        for name in [configuration.inputName, configuration.outputName] where name != "sentence_embedding" {
            throw ModelFileError(
                .unsupported, file: folder.appendingPathComponent(NormalizeConfiguration.fileName).path,
                problem: "only sentence_embedding can be normalized, not \(name)")
        }
    }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { mismatch(needingSentenceEmbeddingsOf: nil, sentenceWidth) }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        guard let embedding = features.sentenceEmbedding else { refuse("Normalize: there is no sentence embedding") }
        var features = features
        features.sentenceEmbedding = embedding.normalized()
        return features
    }

    public func copied() -> Normalize { self }

    public func save(to folder: URL) throws { try NormalizeConfiguration().write(toFolder: folder) }
}
