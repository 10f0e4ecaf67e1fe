import Foundation
import JSON

/// `config.json` of a BERT model.
///
/// Defaults are those of the `bert` architecture in the Transformers library, so a file that leaves a key out
/// means the same here as there; the sizes must be present.
public struct BertConfiguration: ModelConfiguration {
    public static let fileName = "config.json"
    public static let style = JSONStyle(indentation: 2, sortsKeys: true)
    public static let modelType = "bert"
    /// The activations that `hidden_act` may name.
    public static let activations = [
        "gelu", "gelu_new", "gelu_pytorch_tanh", "quick_gelu", "relu", "silu", "swish", "tanh",
    ]

    public var vocabularySize: Int
    public var hiddenSize: Int
    public var hiddenLayerCount: Int
    public var attentionHeadCount: Int
    public var intermediateSize: Int
    /// One of ``activations``.
    public var hiddenActivation = "gelu"
    public var hiddenDropout = 0.1
    public var attentionDropout = 0.1
    public var maxPositionEmbeddings: Int
    public var typeVocabularySize = 2
    public var layerNormEpsilon = 1e-12
    /// The standard deviation of new weights.
    public var initializerRange = 0.02
    public var padTokenID: Int? = 0
    public var unknownKeys: JSONObject = ["architectures": ["BertModel"]]

    /// The width of one attention head.
    public var headSize: Int { hiddenSize / attentionHeadCount }

    public init(
        vocabularySize: Int, hiddenSize: Int, hiddenLayerCount: Int, attentionHeadCount: Int,
        intermediateSize: Int, maxPositionEmbeddings: Int = 512
    ) {
        self.vocabularySize = vocabularySize
        self.hiddenSize = hiddenSize
        self.hiddenLayerCount = hiddenLayerCount
        self.attentionHeadCount = attentionHeadCount
        self.intermediateSize = intermediateSize
        self.maxPositionEmbeddings = maxPositionEmbeddings
    }

    /// - Throws: ``ModelFileError``: another architecture, a missing or senseless value, or an option that would
    ///   make the model compute something else than plain BERT.
    public init(from fields: inout JSONFields) throws {
        let type = try fields.requiredString("model_type")
        guard type == Self.modelType else {
            throw fields.error("model_type", "\(quoted(type)) is not supported; supported is \"bert\"",
                               kind: .unsupported)
        }
        let sizes = 1...Int(Int32.max)
        vocabularySize = try fields.requiredInteger("vocab_size", in: sizes)
        hiddenSize = try fields.requiredInteger("hidden_size", in: sizes)
        hiddenLayerCount = try fields.requiredInteger("num_hidden_layers", in: 0...Int(Int32.max))
        attentionHeadCount = try fields.requiredInteger("num_attention_heads", in: sizes)
        intermediateSize = try fields.requiredInteger("intermediate_size", in: sizes)
        maxPositionEmbeddings = try fields.requiredInteger("max_position_embeddings", in: sizes)
        typeVocabularySize = try fields.integer("type_vocab_size", in: sizes) ?? 2
        hiddenActivation = try fields.string("hidden_act") ?? "gelu"
        hiddenDropout = try fields.number("hidden_dropout_prob", in: 0...1) ?? 0.1
        attentionDropout = try fields.number("attention_probs_dropout_prob", in: 0...1) ?? 0.1
        layerNormEpsilon = try fields.number("layer_norm_eps", in: 0...1) ?? 1e-12
        initializerRange = try fields.number("initializer_range", in: 0...1000) ?? 0.02
        // An explicit null means that there is no padding token; only an absent key means the default.
        let hasPadTokenID = fields.rest["pad_token_id"] != nil
        let padTokenID = try fields.integer("pad_token_id", in: 0...Int(Int32.max))
        self.padTokenID = hasPadTokenID ? padTokenID : 0
        unknownKeys = fields.rest
        try checkRelations(fields)
    }

    /// Reads the configuration of a model that is to decode, whether or not the file says that it is a decoder.
    public static func readDecoder(fromFolder folder: URL) throws -> BertConfiguration {
        let url = folder.appendingPathComponent(fileName)
        var object = try JSONFile.readObject(url)
        for key in decoderKeys { object[key] = nil }
        var fields = JSONFields(object, file: url.path)
        return try BertConfiguration(from: &fields)
    }

    /// The same sizes for a decoder that attends to an encoder, with a head that predicts tokens.
    public var decoder: BertConfiguration {
        var copy = self
        for key in Self.decoderKeys { copy.unknownKeys[key] = .bool(true) }
        copy.unknownKeys["architectures"] = ["BertLMHeadModel"]
        return copy
    }

    private static let decoderKeys = ["is_decoder", "add_cross_attention"]

    private func checkRelations(_ fields: JSONFields) throws {
        guard hiddenSize.isMultiple(of: attentionHeadCount) else {
            throw fields.error("hidden_size", "\(hiddenSize) is no multiple of num_attention_heads, "
                + "\(attentionHeadCount)")
        }
        guard Self.activations.contains(hiddenActivation) else {
            throw fields.error("hidden_act", "\(quoted(hiddenActivation)) is not supported; supported are "
                + Self.activations.joined(separator: ", "), kind: .unsupported)
        }
        if let padTokenID, padTokenID >= vocabularySize {
            throw fields.error("pad_token_id", "\(padTokenID) is beyond vocab_size, \(vocabularySize)")
        }
        // Loading the weights without what these options do would give silently wrong embeddings.
        if let value = unknownKeys["position_embedding_type"], value != .null, value != "absolute" {
            throw fields.error("position_embedding_type", "it is \(value.kindName); supported is \"absolute\"",
                               kind: .unsupported)
        }
        for key in Self.decoderKeys where unknownKeys[key] == .bool(true) {
            throw fields.error(key, "decoders are not supported; it must be false", kind: .unsupported)
        }
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = [
            "model_type": .string(Self.modelType),
            "vocab_size": .integer(vocabularySize),
            "hidden_size": .integer(hiddenSize),
            "num_hidden_layers": .integer(hiddenLayerCount),
            "num_attention_heads": .integer(attentionHeadCount),
            "intermediate_size": .integer(intermediateSize),
            "hidden_act": .string(hiddenActivation),
            "hidden_dropout_prob": .real(hiddenDropout),
            "attention_probs_dropout_prob": .real(attentionDropout),
            "max_position_embeddings": .integer(maxPositionEmbeddings),
            "type_vocab_size": .integer(typeVocabularySize),
            "layer_norm_eps": .real(layerNormEpsilon),
            "initializer_range": .real(initializerRange),
            "pad_token_id": JSONValue(padTokenID),
        ]
        object.fill(from: unknownKeys)
        return object
    }
}
