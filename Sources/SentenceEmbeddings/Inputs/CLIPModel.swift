import Autodiff
import Encoders
import Foundation
import Images
import JSON
import Layers
import ModelFiles
import Tokenizers

/// CLIP as the first module: texts and images become embeddings of one space, with no pooling behind it.
///
/// ```swift
/// let model = try SentenceTransformer("models/clip-ViT-B-32")
/// let texts = model.encode(["two cats on a sofa", "a city at night"])
/// let images = model.encode(images: [try Image(contentsOf: URL(fileURLWithPath: "cats.jpg"))])
/// print(model.similarity(images, texts))
/// ```
public struct CLIPModel: InputModule {
    /// Both towers.
    public private(set) var model: CLIPEncoder
    /// From texts to tokens.
    public let tokenizer: any Tokenizer
    /// From images to what the vision tower takes.
    public let imageProcessor: ImageProcessor
    /// Longest text in tokens, the two around it included; longer ones are cut. At most what the text tower takes.
    public var maximumSequenceLength: Int {
        didSet { maximumSequenceLength = min(maximumSequenceLength, model.text.maximumLength) }
    }
    private let settings: TransformerModuleConfiguration

    public static var typeName: String { ModuleKind.clipModel.typeName(.version6) }
    public var parts: [NamedPart] { model.parts.named(under: "model") }

    /// A new model around a tokenizer; images are brought to the vision tower's size as CLIP does it.
    public init(_ model: CLIPEncoder, tokenizer: any Tokenizer) {
        self.model = model
        self.tokenizer = tokenizer
        imageProcessor = ImageProcessor(side: model.configuration.vision[.imageSize])
        maximumSequenceLength = min(tokenizer.modelMaximumLength ?? .max, model.text.maximumLength)
        settings = Self.usualSettings
    }

    /// Reads a folder with `config.json`, weights, the files of a tokenizer and those of an image processor.
    ///
    /// - Throws: `ModelFileError` or `TokenizerError` with file and place.
    public init(folder: URL) throws {
        model = try CLIPConfiguration.read(fromFolder: folder).encoder(fromFolder: folder)
        let configuration = model.configuration, file = folder.appendingPathComponent(CLIPConfiguration.fileName).path
        var settings = try TransformerModuleConfiguration.readAnyName(fromFolder: folder)
        if settings.modalities == nil { (settings.modalities, settings.outputName) = (Self.usualSettings.modalities, Self.output) }
        try Self.check(settings, folder)
        self.settings = settings
        tokenizer = try PretrainedTokenizer(directory: folder, lowercasingFirst: settings.doLowerCase)
        guard tokenizer.vocabularySize <= configuration.text.vocabularySize else {
            throw ModelFileError(
                .malformed, file: file, place: "text_config.vocab_size",
                problem: "the tokenizer knows \(tokenizer.vocabularySize) ids, but the model only \(configuration.text.vocabularySize)")
        }
        maximumSequenceLength = min(settings.maxSequenceLength ?? tokenizer.modelMaximumLength ?? .max, model.text.maximumLength)
        let side = configuration.vision[.imageSize]
        imageProcessor = try ImageProcessor(folder: folder) ?? ImageProcessor(side: side)
        guard configuration.vision[.channelCount] == 3 else {
            throw ModelFileError(
                .unsupported, file: file, place: "vision_config.num_channels",
                problem: "images have 3 channels here, not \(configuration.vision[.channelCount])")
        }
        guard let size = imageProcessor.outputSize, size == (side, side) else {
            throw ModelFileError(
                .malformed, file: file, place: "vision_config.image_size",
                problem: "the model takes \(side) × \(side) points, but the image processor beside it makes others")
        }
    }

    /// Whether the configuration in a folder is CLIP's.
    static func isThere(in folder: URL) -> Bool {
        let file = folder.appendingPathComponent(CLIPConfiguration.fileName)
        return (try? JSONFile.readObject(file))?["model_type"] == .string(CLIPConfiguration.modelType)
    }

    private static let output = "sentence_embedding"
    private static let usualSettings: TransformerModuleConfiguration = {
        func modality(_ method: JSONValue) -> JSONValue { ["method": method, "method_output_name": "pooler_output"] }
        return TransformerModuleConfiguration(
            modalities: ["text": modality("get_text_features"), "image": modality("get_image_features")], outputName: output)
    }()

    /// Refuses settings that make something else of CLIP than its embeddings.
    private static func check(_ settings: TransformerModuleConfiguration, _ folder: URL) throws {
        func error(_ key: String, _ problem: String) -> ModelFileError {
            ModelFileError(
                .unsupported, file: folder.appendingPathComponent(TransformerModuleConfiguration.fileName).path, place: key,
                problem: problem)
        }
        guard settings.outputName == output else {
            throw error("module_output_name", "it is \(quoted(settings.outputName)); of CLIP, \(output) is supported")
        }
        for (key, method) in [("text", "get_text_features"), ("image", "get_image_features")] {
            guard case .object(let modality)? = settings.modalities?[key] else { continue }
            guard modality["method"] == .string(method),
                [JSONValue.null, "pooler_output"].contains(modality["method_output_name"] ?? .null)
            else {
                throw error("modality_config", "of the modality \(key), the \"pooler_output\" of \"\(method)\" is supported")
            }
        }
    }

    public func tokenizer(for task: String?) -> any Tokenizer { tokenizer }

    public func training(_ settings: EncoderTraining) -> CLIPModel? {
        guard let encoder = model.training(settings) else { return nil }
        var module = self
        module.model = encoder
        return module
    }

    public func outputDimension(of inputDimension: Int?) -> Int? { model.configuration.projectionSize }

    public var summary: String {
        func tower(_ c: EncoderConfiguration) -> String { "\(c.hiddenLayerCount) layers, width \(c.hiddenSize)" }
        let c = model.configuration
        return "texts: \(tower(c.text)), vocabulary \(c.text.vocabularySize), at most \(maximumSequenceLength) tokens; images: "
            + "\(tower(c.vision)), \(c.vision[.imageSize]) points a side, patches of \(c.vision[.patchSize])"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        features.sentenceEmbedding = model.textFeatures(features.batch, in: context)
        return features
    }

    /// `[N, D]`, the embeddings of images, in training or inference.
    public func embeddings(of images: [Image], in context: Context) -> Tensor {
        model.imageFeatures(imageProcessor(images).cast(to: model.logitScale.value.dtype), in: context)
    }

    public func copied() -> CLIPModel {
        var copy = self
        copy.model = model.copied()
        return copy
    }

    public func save(to folder: URL) throws {
        let tensors = model.namedTensors
        try model.configuration.naming(tensors.first?.tensor.dtype ?? .float32).write(toFolder: folder)
        try Weights.save(tensors, to: folder.appendingPathComponent(WeightFiles.fileName))
        try tokenizer.save(to: folder)
        try imageProcessor.save(to: folder)
        var settings = settings
        settings.maxSequenceLength = maximumSequenceLength
        try settings.write(toFolder: folder)
    }
}
