import Autodiff
import Encoders
import Foundation
import Layers
import ModelFiles
import Tokenizers

/// The first module: a tokenizer and the network that gives each token a vector.
public struct Transformer: EmbeddingModule {
    public private(set) var model: BertModel
    public let tokenizer: any Tokenizer
    /// Longest input in tokens, special tokens included; longer ones are cut.
    public var maximumSequenceLength: Int
    private let settings: TransformerModuleConfiguration
    /// Tensors of the file that the model has no use for, such as a pooler; they are written back.
    private let unusedTensors: [(name: String, tensor: Tensor)]

    public static let fileNames = ["model": ""]
    public var kind: ModuleKind { .transformer }

    /// A new model around a tokenizer.
    public init(_ model: BertModel, tokenizer: any Tokenizer, maximumSequenceLength: Int? = nil) {
        self.model = model
        self.tokenizer = tokenizer
        self.maximumSequenceLength = maximumSequenceLength ?? min(tokenizer.modelMaximumLength ?? .max, model.maximumLength)
        settings = TransformerModuleConfiguration()
        unusedTensors = []
    }

    /// Reads a folder with `config.json`, `model.safetensors` and a tokenizer's files.
    ///
    /// - Throws: ``ModelFileError`` or ``TokenizerError`` with file and place.
    public init(folder: URL) throws {
        let configurationFile = folder.appendingPathComponent(BertConfiguration.fileName).path
        let configuration = try BertConfiguration.read(fromFolder: folder)
        let file = try SafetensorsFile(contentsOf: folder.appendingPathComponent("model.safetensors"))
        try Self.checkSize(configuration, file, configurationFile)
        model = try BertModel(configuration, key: nil, file: configurationFile)
        let unused = try Weights.load(model.namedParameters, from: file, prefixes: ["bert."])
        unusedTensors = try unused.filter { $0.contains("pooler.") }.map { name in
            (name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name, try file.tensor(name))
        }
        tokenizer = try WordPieceTokenizer(directory: folder)
        settings = try .readAnyName(fromFolder: folder)
        guard tokenizer.vocabularySize <= model.vocabularySize else {
            throw ModelFileError(
                .malformed, file: configurationFile, place: "vocab_size",
                problem: "the tokenizer knows \(tokenizer.vocabularySize) ids, but the model only \(model.vocabularySize)")
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

    /// Refuses sizes for which the file cannot hold the weights, before memory is taken for them.
    private static func checkSize(_ configuration: BertConfiguration, _ weights: SafetensorsFile, _ file: String) throws {
        guard configuration.hiddenLayerCount <= weights.entries.count else {
            throw ModelFileError(
                .malformed, file: file, place: "num_hidden_layers",
                problem: "\(weights.url.path) has \(weights.entries.count) tensors: too few for "
                    + "\(configuration.hiddenLayerCount) layers")
        }
        let numbers = weights.entries.reduce(0.0) { $0 + Double($1.count) }
        let rows = [
            ("hidden_size", configuration.hiddenSize), ("vocab_size", configuration.vocabularySize),
            ("max_position_embeddings", configuration.maxPositionEmbeddings),
            ("type_vocab_size", configuration.typeVocabularySize), ("intermediate_size", configuration.intermediateSize),
        ]
        for (key, count) in rows where Double(count) * Double(configuration.hiddenSize) > numbers {
            throw ModelFileError(
                .malformed, file: file, place: key,
                problem: "\(weights.url.path) is too small for a weight of shape [\(count), \(configuration.hiddenSize)]")
        }
    }

    public func outputDimension(of inputDimension: Int?) -> Int? { nil }

    public var summary: String {
        let c = model.configuration
        return "bert, \(c.hiddenLayerCount) layers, width \(c.hiddenSize), \(c.attentionHeadCount) heads, "
            + "vocabulary \(c.vocabularySize), at most \(maximumSequenceLength) tokens"
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        features.hiddenStates = model.hiddenStates(features.batch, in: context)
        features.tokenEmbeddings = features.hiddenStates.last
        // Keep what was not asked for no longer than needed.
        if context.mode == .inference { features.hiddenStates = [] }
        return features
    }

    /// Token ids of a text, cut to the longest input.
    public func tokenize(_ text: String) -> [Int32] {
        tokenizer.encode(settings.doLowerCase ? text.lowercased() : text, maximumLength: maximumSequenceLength)
    }

    public func copied() -> Transformer {
        var copy = self
        copy.model = model.copied()
        return copy
    }

    public func save(to folder: URL) throws {
        try model.configuration.write(toFolder: folder)
        try Weights.save(model.namedWeights, others: unusedTensors, to: folder.appendingPathComponent("model.safetensors"))
        try tokenizer.save(to: folder)
        var settings = settings
        settings.maxSequenceLength = maximumSequenceLength
        try settings.write(toFolder: folder)
    }
}
