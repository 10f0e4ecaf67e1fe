import ModelFiles
import Requirements

/// The modules that `modules.json` can name after the transformer.
///
/// A module of one's own needs no entry to be used and saved from Swift; one line makes its folders open again:
///
/// ```swift
/// ModuleCatalog.register(Whitening.self)
/// ```
public enum ModuleCatalog {
    /// The modules of this library that may follow the transformer.
    public static let builtIn: [any EmbeddingModule.Type] = [
        Pooling.self, Normalize.self, Dense.self, SentenceLayerNorm.self, SentenceDropout.self, CNN.self, LSTM.self, WordWeights.self,
        WeightedLayerPooling.self,
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

    /// The first of this name. The original's modules have a name of today and one of old.
    static func find(_ typeName: String, among types: [any EmbeddingModule.Type]) -> (any EmbeddingModule.Type)? {
        let kind = ModuleKind(type: typeName)
        return types.first { $0.typeName == typeName || kind != nil && $0.kind == kind }
    }
}
