import Autodiff
import Layers
import Requirements

/// A family of encoders: what it is called in `config.json`, its names in files, and what it computes.
///
/// A new one is a value of this type. In the library it has a file of its own, and an entry of `all`; elsewhere, `register` makes it
/// known.
public struct EncoderArchitecture: Sendable, Equatable {
    /// What `config.json` says under `model_type`.
    public let modelType: String
    /// The class of the Transformers library, which a new model's `config.json` names.
    public let className: String
    /// Files of models with a head have this before each name, such as `bert.`.
    public let prefix: String
    /// What files of weights call the encoder's parts.
    public let names: FileNames
    /// How `config.json` spells keys that are BERT's; nil: it has no such key.
    let keys: [String: String?]
    /// Whether files hold a table of positions, so that the weights bound their number.
    let hasPositionTable: Bool
    /// Keys that it has beside those that all share.
    let settings: [any AnyEncoderSetting]
    let check: @Sendable (EncoderConfiguration) -> (key: String, problem: String)?
    let preset: @Sendable (inout EncoderConfiguration) -> Void
    let make: @Sendable (EncoderConfiguration, RandomKey?) -> any TokenEncoder

    /// - Parameters:
    ///   - modelType: What `config.json` calls it.
    ///   - className: What `architectures` calls it there.
    ///   - prefix: What some files put before all names.
    ///   - names: Names of weights in files, by those of the properties.
    ///   - keys: How `config.json` spells keys that BERT spells otherwise; nil for those that are not there.
    ///   - hasPositionTable: Whether files hold a table of positions.
    ///   - settings: Keys that it has beside those that all share; others are written back, and mean nothing.
    ///   - check: Finds what a configuration asks for that is not computed here, and the key that does.
    ///   - preset: Sets what `config.json` need not say, where that is not as with BERT.
    ///   - make: Builds an encoder whose weights a key draws; without one they are zero.
    public init(
        _ modelType: String, className: String, prefix: String, names: FileNames, keys: [String: String?] = [:],
        hasPositionTable: Bool = true, settings: [any AnyEncoderSetting] = [],
        check: @escaping @Sendable (EncoderConfiguration) -> (key: String, problem: String)? = { _ in nil },
        preset: @escaping @Sendable (inout EncoderConfiguration) -> Void = { _ in },
        make: @escaping @Sendable (EncoderConfiguration, RandomKey?) -> any TokenEncoder
    ) {
        self.modelType = modelType
        self.className = className
        self.prefix = prefix
        self.names = names
        self.keys = keys
        self.hasPositionTable = hasPositionTable
        self.settings = settings
        self.check = check
        self.preset = preset
        self.make = make
    }

    /// All that are known.
    public static let all: [EncoderArchitecture] = [
        .bert, .roberta, .distilbert, .xlmRoberta, .camembert, .mpnet, .albert, .electra, .ernie, .t5, .mt5, .modernbert, .deberta,
        .debertaV2,
        .nomicBert, .llama, .mistral, .qwen2, .qwen3, .gemma2, .gemma3, .clipText,
    ]

    private static let registered = Locked<[EncoderArchitecture]>([])

    /// Makes an architecture of one's own known by its `modelType`, so that its folders open; it goes before another of that name.
    public static func register(_ architecture: EncoderArchitecture) {
        registered.withLock { $0 = [architecture] + $0.filter { $0 != architecture } }
    }

    /// Those that were registered, then this library's.
    static var known: [EncoderArchitecture] { registered.withLock { $0 } + all }

    public static func == (a: EncoderArchitecture, b: EncoderArchitecture) -> Bool { a.modelType == b.modelType }

    /// Whether a head is as wide as the configuration says, not the width over the number of heads.
    var hasHeadWidth: Bool { settings.contains { ["head_dim", "d_kv"].contains($0.key) } }

    /// The key of `config.json` for what BERT has under another.
    func spelling(of key: String) -> String? { keys[key] ?? key }
}
