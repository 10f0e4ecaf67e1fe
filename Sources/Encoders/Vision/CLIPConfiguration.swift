import Autodiff
import Foundation
import JSON
import ModelFiles

/// `config.json` of CLIP: two towers and the width that they meet in.
public struct CLIPConfiguration: ModelConfiguration {
    public static let fileName = ModelDirectory.configurationFileName
    public static let style = JSONStyle(indentation: 2, sortsKeys: true)
    /// What `config.json` says under `model_type`.
    public static let modelType = "clip"

    /// Of texts, and of images.
    public var text, vision: EncoderConfiguration
    /// D: width of the embeddings.
    public var projectionSize: Int
    /// What a new model multiplies similarities by, as a logarithm.
    public var logitScale: Double
    /// Keys of the file that this library does not use; they are written back.
    public var unknownKeys: JSONObject

    /// - Parameters:
    ///   - vocabularySize: Rows of the word embeddings.
    ///   - textWidth: Width of the text tower.
    ///   - visionWidth: Width of the vision tower.
    ///   - layerCount: Layers of either.
    ///   - headCount: Heads of either; they divide both widths.
    ///   - projectionSize: Width of the embeddings.
    ///   - imageSize: Rows and columns of an image.
    ///   - patchSize: Rows and columns of a patch.
    ///   - maximumLength: Of a text, in tokens.
    ///   - endOfText: The token at which a text is read off.
    public init(
        vocabularySize: Int, textWidth: Int, visionWidth: Int, layerCount: Int, headCount: Int, projectionSize: Int, imageSize: Int = 224,
        patchSize: Int = 32, maximumLength: Int = 77, endOfText: Int = 49407
    ) {
        func tower(_ architecture: EncoderArchitecture, vocabulary: Int, _ width: Int, _ length: Int) -> EncoderConfiguration {
            EncoderConfiguration(
                architecture, vocabularySize: vocabulary, hiddenSize: width, hiddenLayerCount: layerCount, attentionHeadCount: headCount,
                intermediateSize: 4 * width, maxPositionEmbeddings: length)
        }
        text = tower(.clipText, vocabulary: vocabularySize, textWidth, maximumLength)
        vision = tower(.clipVision, vocabulary: 0, visionWidth, 0)
        text[.endOfText] = endOfText
        (vision[.imageSize], vision[.patchSize]) = (imageSize, patchSize)
        self.projectionSize = projectionSize
        logitScale = Self.usualLogitScale
        unknownKeys = ["architectures": ["CLIPModel"]]
    }

    public init(from fields: inout JSONFields) throws {
        let type = try fields.requiredString("model_type")
        guard type == Self.modelType else {
            throw fields.error("model_type", "it is \(quoted(type)), but \(quoted(Self.modelType)) was expected", kind: .unsupported)
        }
        text = try Self.tower("text", .clipText, Self.textSizes, from: &fields)
        vision = try Self.tower("vision", .clipVision, Self.visionSizes, from: &fields)
        projectionSize = try fields.integer("projection_dim", in: 1...Int(Int32.max)) ?? 512
        logitScale = try fields.number("logit_scale_init_value", in: -100...100) ?? Self.usualLogitScale
        unknownKeys = fields.rest
    }

    /// The logarithm of 1 / 0.07.
    private static let usualLogitScale = 2.6592
    private static let textSizes: JSONObject = [
        "vocab_size": 49408, "hidden_size": 512, "intermediate_size": 2048, "num_hidden_layers": 12, "num_attention_heads": 8,
        "max_position_embeddings": 77,
    ]
    private static let visionSizes: JSONObject = [
        "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
    ]

    /// - Parameter sizes: What holds where the file leaves it out.
    private static func tower(
        _ name: String, _ architecture: EncoderArchitecture, _ sizes: JSONObject, from fields: inout JSONFields
    ) throws -> EncoderConfiguration {
        let key = "\(name)_config", older = "\(name)_config_dict"
        var object = try fields.object(key) ?? JSONObject()
        // An older key, which goes before. It stays where it was.
        if case .object(let other)? = fields.rest[older] { object = other }
        object["model_type"] = .string(architecture.modelType)
        object.fill(from: sizes)
        var members = JSONFields(object, at: fields.place.member(key))
        return try EncoderConfiguration(from: &members, among: [architecture])
    }

    /// A new model of these sizes.
    ///
    /// - Parameter key: Draws the weights; without one all are zero, to be filled from a file.
    public func encoder(key: RandomKey?) -> CLIPEncoder { CLIPEncoder(self, key: key) }

    /// Reads a model from a folder with `config.json` and weights, in any of the forms of `WeightFiles`.
    ///
    /// - Throws: `ModelFileError` with file and place.
    public func encoder(fromFolder folder: URL) throws -> CLIPEncoder {
        let weights = try WeightFiles(folder: folder), file = folder.appendingPathComponent(Self.fileName).path
        let (side, along) = (vision[.patchSize], vision[.imageSize] / vision[.patchSize])
        try text.checkSize(weights, file, more: [("projection_dim", projectionSize, text.hiddenSize)])
        try vision.checkSize(
            weights, file,
            more: [
                ("patch_size", side * side * vision[.channelCount], vision.hiddenSize),
                ("image_size", 1 + along * along, vision.hiddenSize), ("projection_dim", projectionSize, vision.hiddenSize),
            ])
        let encoder = encoder(key: nil)
        try Weights.load(encoder.namedParameters, from: weights, prefixes: ["clip."])
        return encoder
    }

    /// The same, with the type of the weights that are written beside it wherever it names one.
    public func naming(_ dtype: DType) -> CLIPConfiguration {
        var configuration = self
        (configuration.text, configuration.vision) = (text.naming(dtype), vision.naming(dtype))
        for key in ["dtype", "torch_dtype"] where unknownKeys[key] != nil { configuration.unknownKeys[key] = .string(dtype.rawValue) }
        return configuration
    }

    public func json(_ style: ModelFileStyle) -> JSONObject {
        var object: JSONObject = [
            "model_type": .string(Self.modelType), "text_config": .object(text.json(style)), "vision_config": .object(vision.json(style)),
            "projection_dim": .integer(projectionSize), "logit_scale_init_value": .real(logitScale),
        ]
        object.fill(from: unknownKeys)
        return object
    }
}
