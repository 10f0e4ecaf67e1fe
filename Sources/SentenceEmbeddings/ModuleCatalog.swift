import Foundation
import JSON
import ModelFiles
import Requirements

/// The modules that `modules.json` can name.
///
/// A module of one's own needs no entry to be used and saved from Swift; one line makes its folders open again:
///
/// ```swift
/// ModuleCatalog.register(Whitening.self)
/// ```
public enum ModuleCatalog {
    /// The modules of this library.
    public static let builtIn: [any EmbeddingModule.Type] = [
        Transformer.self, StaticEmbedding.self, WordEmbeddings.self, BoW.self, CLIPModel.self, Router.self, Pooling.self, Normalize.self,
        Dense.self, SentenceLayerNorm.self, SentenceDropout.self, CNN.self, LSTM.self, WordWeights.self, WeightedLayerPooling.self,
    ]

    private static let registered = Locked<[any EmbeddingModule.Type]>([])

    /// Makes a module known by its `typeName`; a second one of the same name takes the first one's place.
    public static func register(_ type: any EmbeddingModule.Type) {
        registered.withLock { types in
            types.removeAll { $0.typeName == type.typeName }
            types.append(type)
        }
    }

    /// Those that were registered, then this library's.
    public static var modules: [any EmbeddingModule.Type] { registered.withLock { $0 } + builtIn }

    /// The module of this name in a folder, of the first type that has it; nil where none has. The original's modules have a name of
    /// today and one of old.
    static func open(_ typeName: String, in folder: URL, among types: [any EmbeddingModule.Type]) throws -> (any EmbeddingModule)? {
        let kind = ModuleKind(type: typeName)
        guard let type = types.first(where: { $0.typeName == typeName || kind != nil && $0.kind == kind }) else { return nil }
        // A Transformer of today is CLIP, too, where its configuration says so.
        if kind == .transformer, CLIPModel.isThere(in: folder) { return try CLIPModel(folder: folder) }
        return try type.init(folder: folder, among: types)
    }

    /// What is said of a name that none of the types has.
    static func unknown(_ typeName: String, among types: [any EmbeddingModule.Type]) -> String {
        "\(quoted(typeName)) is not supported; known are \(types.map { $0.className }.joined(separator: ", ")), "
            + "and a module of one's own once ModuleCatalog.register(…) has named it"
    }
}
