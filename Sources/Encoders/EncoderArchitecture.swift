import Autodiff
import Layers

/// A family of encoders: what it is called in `config.json`, its names in files, and what it computes.
///
/// A new one is a value of this type in a file of its own, and an entry of `all`.
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
    let preset: @Sendable (inout EncoderConfiguration) -> Void
    let make: @Sendable (EncoderConfiguration, RandomKey?) -> any TokenEncoder

    /// - Parameters:
    ///   - modelType: What `config.json` calls it.
    ///   - className: What `architectures` calls it there.
    ///   - prefix: What some files put before all names.
    ///   - names: Names of weights in files, by those of the properties.
    ///   - keys: How `config.json` spells keys that BERT spells otherwise; nil for those that are not there.
    ///   - preset: Sets what `config.json` need not say, where that is not as with BERT.
    ///   - make: Builds an encoder whose weights a key draws; without one they are zero.
    public init(
        _ modelType: String, className: String, prefix: String, names: FileNames, keys: [String: String?] = [:],
        preset: @escaping @Sendable (inout EncoderConfiguration) -> Void = { _ in },
        make: @escaping @Sendable (EncoderConfiguration, RandomKey?) -> any TokenEncoder
    ) {
        self.modelType = modelType
        self.className = className
        self.prefix = prefix
        self.names = names
        self.keys = keys
        self.preset = preset
        self.make = make
    }

    /// All that are known.
    public static let all: [EncoderArchitecture] = [.bert, .camembert, .distilbert, .roberta, .xlmRoberta]

    public static func == (a: EncoderArchitecture, b: EncoderArchitecture) -> Bool { a.modelType == b.modelType }

    /// The key of `config.json` for what BERT has under another.
    func spelling(of key: String) -> String? { keys[key] ?? key }
}
