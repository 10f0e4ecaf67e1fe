import Foundation
import Layers
import ModelFiles

/// A step of the pipeline from texts to sentence embeddings, as `modules.json` lists them; the first is an ``InputModule``.
///
/// Your own module needs `callAsFunction`, `copied` and `init(folder:)`; `ModuleCatalog` makes its folders open again.
public protocol EmbeddingModule: Module {
    /// What `modules.json` calls its class: that of the original, or a name of one's own; the type's where nothing else is said.
    static var typeName: String { get }

    /// Reads what `save(to:)` wrote.
    ///
    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    init(folder: URL) throws
    /// The same for a module that holds others, which are of these types. Unless the module says otherwise, it holds none.
    init(folder: URL, among types: [any EmbeddingModule.Type]) throws
    /// Its type, and those of the modules that it holds. Unless the module says otherwise, it holds none.
    var moduleTypes: [any EmbeddingModule.Type] { get }

    /// Width of the sentence embeddings after this module, given that before it; nil where there are none yet. Unless the
    /// module says otherwise, it is the same.
    func outputDimension(of inputDimension: Int?) -> Int?
    /// Width of the token embeddings after this module, given that before it; nil where there are none. Unless the module says
    /// otherwise, it is the same.
    func tokenDimension(of inputDimension: Int?) -> Int?
    /// Whether it reads the states of all layers, which inference otherwise drops. False unless the module says otherwise.
    var needsHiddenStates: Bool { get }
    /// Why it cannot work on what the modules before it make; nil where it can.
    ///
    /// - Parameters:
    ///   - tokenWidth: Width of the token embeddings; nil where there are none.
    ///   - sentenceWidth: Width of the sentence embeddings; nil where there are none yet.
    func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String?
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

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { nil }
    public func outputDimension(of inputDimension: Int?) -> Int? { inputDimension }
    public func tokenDimension(of inputDimension: Int?) -> Int? { inputDimension }
    public var needsHiddenStates: Bool { false }
    public init(folder: URL, among types: [any EmbeddingModule.Type]) throws { try self.init(folder: folder) }
    public var moduleTypes: [any EmbeddingModule.Type] { [Self.self] }
    public var summary: String { "" }

    public func save(to folder: URL) throws {
        let tensors = namedTensors
        if !tensors.isEmpty { try Weights.save(tensors, to: folder.appendingPathComponent(WeightFiles.fileName)) }
    }
}

extension EmbeddingModule {
    /// Why token embeddings do not fit; nil where they do.
    func mismatch(needingTokenEmbeddingsOf width: Int, _ tokenWidth: Int?) -> String? {
        guard let tokenWidth else { return "no module before it makes token embeddings" }
        return width == tokenWidth ? nil : "it takes token embeddings of width \(width), but they have \(tokenWidth)"
    }

    /// Why sentence embeddings do not fit; nil where they do.
    ///
    /// - Parameters:
    ///   - width: What is needed; nil: any.
    ///   - sentenceWidth: What there is.
    func mismatch(needingSentenceEmbeddingsOf width: Int?, _ sentenceWidth: Int?) -> String? {
        guard let sentenceWidth else { return "no module before it makes a sentence embedding; put a Pooling there" }
        return width ?? sentenceWidth == sentenceWidth
            ? nil : "it takes sentence embeddings of width \(width!), but they have \(sentenceWidth)"
    }
}

extension [any EmbeddingModule] {
    /// The widths of what they make one after another of the widths before them, and the first that cannot work on what it gets, and why.
    func widths(
        after widths: (token: Int?, sentence: Int?) = (nil, nil)
    ) -> (widths: (token: Int?, sentence: Int?), mismatch: (position: Int, problem: String)?) {
        var widths = widths
        for (position, module) in enumerated() {
            if let problem = module.mismatch(tokenWidth: widths.token, sentenceWidth: widths.sentence) {
                return (widths, (position, problem))
            }
            widths = (module.tokenDimension(of: widths.token), module.outputDimension(of: widths.sentence))
        }
        return (widths, nil)
    }
}
