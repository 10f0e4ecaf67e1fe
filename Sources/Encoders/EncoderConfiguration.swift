import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles

/// `config.json` of an encoder: its architecture and its sizes.
///
/// Defaults are those of the architecture in the Transformers library, so a file that leaves a key out means the same here
/// as there; the sizes must be present.
public struct EncoderConfiguration: ModelConfiguration {
    public static let fileName = ModelDirectory.configurationFileName
    public static let style = JSONStyle(indentation: 2, sortsKeys: true)

    public let architecture: EncoderArchitecture
    public var vocabularySize = 0
    public var hiddenSize = 0
    public var hiddenLayerCount = 0
    public var attentionHeadCount = 0
    public var intermediateSize = 0
    public var maxPositionEmbeddings = 0
    /// Number of token types; 0: there are none.
    public var typeVocabularySize = 2
    public var hiddenActivation = Activation.gelu
    public var hiddenDropout = 0.1
    public var attentionDropout = 0.1
    public var layerNormEpsilon = 1e-12
    /// The standard deviation of new weights.
    public var initializerRange = 0.02
    public var padTokenID: Int? = 0
    public var unknownKeys: JSONObject

    public init(
        _ architecture: EncoderArchitecture = .bert, vocabularySize: Int, hiddenSize: Int, hiddenLayerCount: Int,
        attentionHeadCount: Int, intermediateSize: Int, maxPositionEmbeddings: Int = 512
    ) {
        self.init(architecture)
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.hiddenLayerCount = hiddenLayerCount
        self.attentionHeadCount = attentionHeadCount
        self.intermediateSize = intermediateSize
        self.maxPositionEmbeddings = maxPositionEmbeddings
    }

    private init(_ architecture: EncoderArchitecture) {
        self.architecture = architecture
        unknownKeys = ["architectures": [.string(architecture.className)]]
        architecture.preset(&self)
    }

    /// - Throws: ``ModelFileError``: an unknown architecture, a missing or senseless value, or an option that would make
    ///   the model compute something else.
    public init(from fields: inout JSONFields) throws { try self.init(from: &fields, among: EncoderArchitecture.all) }

    /// The same with a choice of architectures.
    public init(from fields: inout JSONFields, among architectures: [EncoderArchitecture]) throws {
        let type = try fields.requiredString("model_type")
        guard let architecture = architectures.first(where: { $0.modelType == type }) else {
            let known = architectures.map { "\"\($0.modelType)\"" }.joined(separator: ", ")
            throw fields.error("model_type", "\"\(type)\" is not supported; supported are \(known)", kind: .unsupported)
        }
        self.init(architecture)
        for value in Self.values {
            if let key = architecture.spelling(of: value.key) { try value.read(&self, &fields, key) }
        }
        unknownKeys = fields.rest
        try checkRelations(fields)
    }

    /// A new encoder of these sizes.
    ///
    /// - Parameter key: Draws the weights; without one all are zero, to be filled from a file.
    public func encoder(key: RandomKey?) -> any TokenEncoder { architecture.make(self, key) }

    private func checkRelations(_ fields: JSONFields) throws {
        guard hiddenSize.isMultiple(of: attentionHeadCount) else {
            throw fields.error(spelling("hidden_size"), "\(hiddenSize) is no multiple of \(spelling("num_attention_heads")), "
                + "\(attentionHeadCount)")
        }
        if let padTokenID, padTokenID >= vocabularySize {
            throw fields.error("pad_token_id", "\(padTokenID) is beyond vocab_size, \(vocabularySize)")
        }
        // Loading the weights without what these options do would give silently wrong embeddings.
        if let value = unknownKeys["position_embedding_type"], value != .null, value != "absolute" {
            throw fields.error("position_embedding_type", "it is \(value.kindName); supported is \"absolute\"",
                               kind: .unsupported)
        }
        for key in ["is_decoder", "add_cross_attention"] where unknownKeys[key] == .bool(true) {
            throw fields.error(key, "decoders are not supported; it must be false", kind: .unsupported)
        }
    }

    /// The architecture's key for what BERT has under another.
    func spelling(_ key: String) -> String { architecture.spelling(of: key) ?? key }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = ["model_type": .string(architecture.modelType)]
        for value in Self.values {
            if let key = architecture.spelling(of: value.key) { object[key] = value.json(self) }
        }
        object.fill(from: unknownKeys)
        return object
    }

    private static let values: [Value] = [
        .size("vocab_size", \.vocabularySize), .size("hidden_size", \.hiddenSize),
        .size("num_hidden_layers", \.hiddenLayerCount, from: 0), .size("num_attention_heads", \.attentionHeadCount),
        .size("intermediate_size", \.intermediateSize), .size("max_position_embeddings", \.maxPositionEmbeddings),
        .size("type_vocab_size", \.typeVocabularySize, isRequired: false),
        .number("hidden_dropout_prob", \.hiddenDropout, below: 1), .number("attention_probs_dropout_prob", \.attentionDropout, below: 1),
        .number("layer_norm_eps", \.layerNormEpsilon, below: 1), .number("initializer_range", \.initializerRange, below: 1000),
        Value("hidden_act", \.hiddenActivation, { .string($0.rawValue) }) { fields, key in
            try fields.string(key).map { name in
                if let activation = Activation(rawValue: name) { return activation }
                throw fields.error(key, "\"\(name)\" is not supported; supported are "
                    + Activation.allCases.map(\.rawValue).joined(separator: ", "), kind: .unsupported)
            }
        },
        // An explicit null means that there is no padding token; only an absent key means the default.
        Value("pad_token_id", \.padTokenID, { $0.map { .integer($0) } ?? .null }) { fields, key in
            fields.rest[key] == nil ? nil : .some(try fields.integer(key, in: 0...Int(Int32.max)))
        },
    ]

    /// One value of the file, under BERT's key: how it is read and written.
    private struct Value: Sendable {
        let key: String
        let read: @Sendable (inout EncoderConfiguration, inout JSONFields, String) throws -> Void
        let json: @Sendable (EncoderConfiguration) -> JSONValue

        /// - Parameter read: Gives nil where the default holds.
        init<T>(
            _ key: String, _ path: WritableKeyPath<EncoderConfiguration, T> & Sendable, _ json: @escaping @Sendable (T) -> JSONValue,
            read: @escaping @Sendable (inout JSONFields, String) throws -> T?
        ) {
            self.key = key
            self.read = { configuration, fields, key in
                if let value = try read(&fields, key) { configuration[keyPath: path] = value }
            }
            self.json = { json($0[keyPath: path]) }
        }

        static func size(
            _ key: String, _ path: WritableKeyPath<EncoderConfiguration, Int> & Sendable, from least: Int = 1, isRequired: Bool = true
        ) -> Value {
            Value(key, path, { .integer($0) }) { fields, key in
                let range = least...Int(Int32.max)
                return isRequired ? try fields.requiredInteger(key, in: range) : try fields.integer(key, in: range)
            }
        }

        static func number(_ key: String, _ path: WritableKeyPath<EncoderConfiguration, Double> & Sendable, below bound: Double) -> Value {
            Value(key, path, { .real($0) }) { fields, key in
                let value = try fields.number(key, in: 0...bound)
                if value == bound { throw fields.error(key, "\(bound) is not below \(bound)") }
                return value
            }
        }
    }
}
