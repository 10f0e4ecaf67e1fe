import Autodiff
import Encoders
import Foundation
import JSON
import Layers
import ModelFiles
import Tokenizers

/// The first module: a tokenizer and the network that gives each token a vector.
public struct Transformer: InputModule {
    /// The encoder.
    public private(set) var model: any TokenEncoder
    /// From texts to tokens.
    public let tokenizer: any Tokenizer
    /// Longest input in tokens, special tokens included; longer ones are cut. At most what the encoder takes.
    public var maximumSequenceLength: Int {
        didSet { maximumSequenceLength = min(maximumSequenceLength, model.maximumLength) }
    }
    private let settings: TransformerModuleConfiguration
    /// Tensors of the file that the model has no use for, such as a pooler; they are written back.
    private let unusedTensors: [(name: String, tensor: Tensor)]

    public static var typeName: String { ModuleKind.transformer.typeName(.version6) }
    public var parts: [NamedPart] { model.parts.named(under: "model") }

    /// A new model around a tokenizer.
    public init(_ model: any TokenEncoder, tokenizer: any Tokenizer, maximumSequenceLength: Int? = nil) {
        self.model = model
        self.tokenizer = tokenizer
        self.maximumSequenceLength = maximumSequenceLength ?? min(tokenizer.modelMaximumLength ?? .max, model.maximumLength)
        let lowercases = (tokenizer as? PretrainedTokenizer)?.lowercasesFirst ?? false
        settings = TransformerModuleConfiguration(doLowerCase: lowercases)
        unusedTensors = []
    }

    /// Reads a folder with `config.json`, weights and a tokenizer's files.
    ///
    /// - Throws: `ModelFileError` or `TokenizerError` with file and place.
    public init(folder: URL) throws {
        (model, unusedTensors) = try EncoderConfiguration.read(fromFolder: folder).encoder(fromFolder: folder)
        settings = try .readAnyName(fromFolder: folder)
        tokenizer = try PretrainedTokenizer(directory: folder, lowercasingFirst: settings.doLowerCase)
        guard tokenizer.vocabularySize <= model.vocabularySize else {
            let first = tokenizer.decode([Int32(model.vocabularySize)], skippingSpecialTokens: false)
            throw ModelFileError(
                .malformed, file: folder.appendingPathComponent(EncoderConfiguration.fileName).path, place: "vocab_size",
                problem: "the tokenizer knows \(tokenizer.vocabularySize) ids, but the model only \(model.vocabularySize): from "
                    + "\(quoted(first)) on, tokens have no embedding; put the tokenizer there that the model was trained with, "
                    + "or give it rows for them, as resize_token_embeddings(\(tokenizer.vocabularySize)) does in Python")
        }
        maximumSequenceLength = min(
            settings.maxSequenceLength ?? tokenizer.modelMaximumLength ?? .max, model.maximumLength)
    }

    /// The model cut to its first layers; the tokenizer and the settings stay.
    func truncated(toLayers count: Int) -> Transformer {
        var transformer = self
        transformer.model = model.truncated(toLayers: count)
        return transformer
    }

    public func tokenizer(for task: String?) -> any Tokenizer { tokenizer }

    public func training(_ settings: EncoderTraining) -> Transformer? {
        guard let encoder = model.training(settings) else { return nil }
        var transformer = self
        transformer.model = encoder
        return transformer
    }

    public func tokenDimension(of inputDimension: Int?) -> Int? { model.width }

    public var summary: String {
        let c = model.configuration
        return "\(c.architecture.modelType), \(c.hiddenLayerCount) layers, width \(c.hiddenSize), \(c.attentionHeadCount) heads, "
            + "vocabulary \(c.vocabularySize), at most \(maximumSequenceLength) tokens"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        features.hiddenStates = model.hiddenStates(features.batch, in: context)
        features.tokenEmbeddings = features.hiddenStates.last
        // Keep what was not asked for no longer than needed.
        if context.mode == .inference, !features.keepsHiddenStates { features.hiddenStates = [] }
        return features
    }

    public func copied() -> Transformer {
        var copy = self
        copy.model = model.copied()
        return copy
    }

    public func save(to folder: URL) throws {
        let tensors = model.namedTensors + unusedTensors
        try model.configuration.naming(tensors.first?.tensor.dtype ?? .float32).write(toFolder: folder)
        try Weights.save(tensors, to: folder.appendingPathComponent(WeightFiles.fileName))
        try tokenizer.save(to: folder)
        var settings = settings
        settings.maxSequenceLength = maximumSequenceLength
        try settings.write(toFolder: folder)
    }
}
