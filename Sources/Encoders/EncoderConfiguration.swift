import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Options

/// `config.json` of an encoder: its architecture and its sizes.
///
/// Defaults are those of the architecture in the Transformers library, so a file that leaves a key out means the same here
/// as there; the sizes must be present.
public struct EncoderConfiguration: ModelConfiguration {
    public static let fileName = ModelDirectory.configurationFileName
    public static let style = JSONStyle(indentation: 2, sortsKeys: true)

    /// The architecture of its `model_type`.
    public let architecture: EncoderArchitecture
    /// V: rows of the word embeddings.
    public var vocabularySize = 0
    /// H: width of the token embeddings.
    public var hiddenSize = 0
    /// Number of layers.
    public var hiddenLayerCount = 0
    /// Heads of each layer; they divide H.
    public var attentionHeadCount = 0
    /// F: width inside of the feed-forward layers.
    public var intermediateSize = 0
    /// Rows of the position embeddings.
    public var maxPositionEmbeddings = 0
    /// Number of token types; 0: there are none.
    public var typeVocabularySize = 2
    /// Inside of the feed-forward layers.
    public var hiddenActivation = Activation.gelu
    /// Rate of dropout of hidden states.
    public var hiddenDropout = 0.1
    /// Rate of dropout of attention probabilities.
    public var attentionDropout = 0.1
    /// What norms add to the variance.
    public var layerNormEpsilon = 1e-12
    /// The standard deviation of new weights.
    public var initializerRange = 0.02
    /// The id of padding; positions of RoBERTa begin after it.
    public var padTokenID: Int? = 0
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys: JSONObject

    /// A configuration of these sizes; all else as the architecture has it.
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

    /// - Throws: `ModelFileError`: an unknown architecture, a missing or senseless value, or an option that would make
    ///   the model compute something else.
    public init(from fields: inout JSONFields) throws { try self.init(from: &fields, among: EncoderArchitecture.known) }

    /// The same with a choice of architectures.
    public init(from fields: inout JSONFields, among architectures: [EncoderArchitecture]) throws {
        let type = try fields.requiredString("model_type")
        guard let architecture = architectures.first(where: { $0.modelType == type }) else {
            let known = architectures.map { "\"\($0.modelType)\"" }.sorted().joined(separator: ", ")
            throw fields.error("model_type", "\"\(type)\" is not supported; supported are \(known)", kind: .unsupported)
        }
        self.init(architecture)
        for (key, row) in keyed(Self.sizes) where fields.rest[key] ?? .null == .null {
            throw fields.error(key, "\(row.kind) is required, but the key is missing or null")
        }
        for (key, row) in keyed(Self.sizes + Self.settings) {
            guard let value = fields.take(key) else { continue }
            let fits = row.set(&self, to: value), bound = row.brokenBound(in: self)
            guard fits, bound == nil else {
                // An activation of another name may be a good one elsewhere.
                throw fields.error(
                    key, "\(row.kind)\(bound.map { ", \($0)," } ?? "") was expected, but it is \(value.kindName)",
                    kind: row.key == "hidden_act" ? .unsupported : .malformed)
            }
        }
        unknownKeys = fields.rest
        for setting in architecture.settings {
            if let problem = unknownKeys[setting.key].flatMap(setting.problem) {
                throw fields.error(setting.key, problem, kind: .malformed)
            }
        }
        try checkRelations(fields)
        if let (key, problem) = architecture.check(self) { throw fields.error(key, problem, kind: .unsupported) }
    }

    /// A new encoder of these sizes.
    ///
    /// - Parameter key: Draws the weights; without one all are zero, to be filled from a file.
    public func encoder(key: RandomKey?) -> any TokenEncoder { architecture.make(self, key) }

    private func checkRelations(_ fields: JSONFields) throws {
        guard architecture.hasHeadWidth || hiddenSize.isMultiple(of: attentionHeadCount) else {
            throw fields.error(
                spelling("hidden_size"),
                "\(hiddenSize) is no multiple of \(spelling("num_attention_heads")), "
                    + "\(attentionHeadCount)")
        }
        if let padTokenID, padTokenID >= vocabularySize {
            throw fields.error("pad_token_id", "\(padTokenID) is beyond vocab_size, \(vocabularySize)")
        }
        // Loading the weights without what these options do would give silently wrong embeddings.
        if let value = unknownKeys["position_embedding_type"], value != .null, value != "absolute" {
            throw fields.error(
                "position_embedding_type", "it is \(value.kindName); supported is \"absolute\"",
                kind: .unsupported)
        }
        for key in ["is_decoder", "add_cross_attention"] where unknownKeys[key] == .bool(true) {
            throw fields.error(key, "decoders are not supported; it must be false", kind: .unsupported)
        }
    }

    /// The architecture's key for what BERT has under another.
    func spelling(_ key: String) -> String { architecture.spelling(of: key) ?? key }

    /// The same, with the type of the weights that are written beside it wherever it names one: the original opens the file
    /// in the type that stands here.
    public func naming(_ dtype: DType) -> EncoderConfiguration {
        var configuration = self
        for key in ["dtype", "torch_dtype"] where unknownKeys[key] != nil {
            configuration.unknownKeys[key] = .string(dtype.rawValue)
        }
        return configuration
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = ["model_type": .string(architecture.modelType)]
        for (key, row) in keyed(Self.sizes + Self.settings) {
            let json = row.json(of: self)
            // The original refuses a whole number without a fraction where it expects one with.
            if case .integer(let integer) = json, row.kind == Double.kind {
                object[key] = .real(Double(integer))
            } else {
                object[key] = json
            }
        }
        object.fill(from: unknownKeys)
        return object
    }

    private static let sizes: [OptionRow<EncoderConfiguration>] = [
        OptionRow("vocab_size", \.vocabularySize, "", .size), OptionRow("hidden_size", \.hiddenSize, "", .size),
        OptionRow("num_hidden_layers", \.hiddenLayerCount, "", .count), OptionRow("num_attention_heads", \.attentionHeadCount, "", .size),
        OptionRow("intermediate_size", \.intermediateSize, "", .size),
        OptionRow("max_position_embeddings", \.maxPositionEmbeddings, "", .size),
    ]
    /// What a file need not say.
    private static let settings: [OptionRow<EncoderConfiguration>] = [
        OptionRow("type_vocab_size", \.typeVocabularySize, "", .size), OptionRow("hidden_act", \.hiddenActivation),
        OptionRow("hidden_dropout_prob", \.hiddenDropout, "", .below(1)),
        OptionRow("attention_probs_dropout_prob", \.attentionDropout, "", .below(1)),
        OptionRow("layer_norm_eps", \.layerNormEpsilon, "", .below(1)),
        OptionRow("initializer_range", \.initializerRange, "", .below(1000)), OptionRow("pad_token_id", \.padTokenID, "", .count),
    ]

    /// The rows and the architecture's keys for them, without those that it does not have.
    private func keyed(_ rows: [OptionRow<EncoderConfiguration>]) -> [(key: String, row: OptionRow<EncoderConfiguration>)] {
        rows.compactMap { row in architecture.spelling(of: row.key).map { ($0, row) } }
    }
}

extension Activation: OptionChoice {}

extension Bound<Double> {
    fileprivate static func below(_ limit: Double) -> Bound { Bound("at least 0 and below \(limit)") { $0 >= 0 && $0 < limit } }
}
