import Foundation
import Layers
import ModelFiles

/// A step of the pipeline from tokens to a sentence embedding, as `modules.json` lists them.
///
/// Your own module needs `callAsFunction`, `copied` and `init(folder:)`; `ModuleCatalog` makes its folders open again.
public protocol EmbeddingModule: Module {
    /// What `modules.json` calls its class: that of the original, or a name of one's own; the type's where nothing else is said.
    static var typeName: String { get }

    /// Reads what `save(to:)` wrote.
    ///
    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    init(folder: URL) throws

    /// Width of the sentence embeddings after this module, given that before it; nil where there are none yet. Unless the
    /// module says otherwise, it is the same.
    func outputDimension(of inputDimension: Int?) -> Int?
    /// Width of the token embeddings after this module, given that before it. Unless the module says otherwise, it is the same.
    func tokenDimension(of inputDimension: Int) -> Int
    /// Whether it reads the states of all layers, which inference otherwise drops. False unless the module says otherwise.
    var needsHiddenStates: Bool { get }
    /// Why it cannot work on what the modules before it make; nil where it can.
    ///
    /// - Parameters:
    ///   - tokenWidth: Width of the token embeddings.
    ///   - sentenceWidth: Width of the sentence embeddings; nil where there are none yet.
    func mismatch(tokenWidth: Int, sentenceWidth: Int?) -> String?
    /// One line about its settings; empty unless the module says otherwise.
    var summary: String { get }

    /// What the module makes of the features before it.
    ///
    /// - Parameters:
    ///   - features: The tokens, and what the modules before have made of them.
    ///   - context: Training or inference; its `rows` say which samples the rows stand for, so that dropout goes by
    ///     sample.
    func callAsFunction(_ features: Features, in context: Context) -> Features

    /// The same module with parameters of its own.
    func copied() -> Self

    /// Writes its configuration and weights into a folder that exists. Unless the module says otherwise, its weights go
    /// into `model.safetensors`, and a module without weights writes nothing.
    ///
    /// - Throws: `ModelFileError` when a file cannot be written.
    func save(to folder: URL) throws
}

extension EmbeddingModule {
    public static var typeName: String { String(describing: Self.self) }

    /// Which of the original's modules it is; nil for one of one's own.
    public static var kind: ModuleKind? { ModuleKind(type: typeName) }
    /// The same, of a value.
    public var kind: ModuleKind? { Self.kind }

    /// The name of its class alone: `Pooling`.
    public static var className: String { ModuleEntry.className(ofType: typeName) }
    /// The same, of a value.
    public var className: String { Self.className }

    public func mismatch(tokenWidth: Int, sentenceWidth: Int?) -> String? { nil }
    public func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }
    public func tokenDimension(of inputDimension: Int) -> Int { inputDimension }
    public var needsHiddenStates: Bool { false }
    public var summary: String { "" }

    public func save(to folder: URL) throws {
        let tensors = namedTensors
        if !tensors.isEmpty { try Weights.save(tensors, to: folder.appendingPathComponent(WeightFiles.fileName)) }
    }
}
