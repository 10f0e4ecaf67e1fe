import Foundation
import Layers
import ModelFiles

/// A step of the pipeline from tokens to a sentence embedding, as `modules.json` lists them.
public protocol EmbeddingModule: Module {
    /// What `modules.json` calls it.
    var kind: ModuleKind { get }
    /// Width of the sentence embeddings after this module, given that before it; nil where there are none yet.
    func outputDimension(of inputDimension: Int?) -> Int?
    /// Why it cannot work on what the modules before it make; nil where it can.
    ///
    /// - Parameters:
    ///   - tokenWidth: Width of the token embeddings.
    ///   - sentenceWidth: Width of the sentence embeddings; nil where there are none yet.
    func mismatch(tokenWidth: Int, sentenceWidth: Int?) -> String?
    /// One line about its settings.
    var summary: String { get }

    func callAsFunction(_ features: Features, in context: Context) -> Features

    /// The same module with parameters of its own.
    func copied() -> Self

    /// Writes its configuration and weights into a folder that exists.
    func save(to folder: URL) throws
}

extension EmbeddingModule {
    public func mismatch(tokenWidth: Int, sentenceWidth: Int?) -> String? { nil }
}
