import Autodiff
import Foundation
import Layers
import ModelFiles

/// Divides each sentence embedding by its length.
public struct Normalize: EmbeddingModule {
    public var kind: ModuleKind { .normalize }
    public var summary: String { "unit length" }

    public init() {}

    public func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        guard let embedding = features.sentenceEmbedding else { preconditionFailure("Normalize: there is no sentence embedding") }
        var features = features
        features.sentenceEmbedding = embedding.normalized()
        return features
    }

    public func copied() -> Normalize { self }

    public func save(to folder: URL) throws { try NormalizeConfiguration().write(toFolder: folder) }
}
