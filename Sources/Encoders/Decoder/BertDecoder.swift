import Autodiff
import Foundation
import Layers
import ModelFiles
import Requirements

/// BERT as a decoder: predicts each token of a text from those before it and from one vector that stands for the text.
///
/// The self-attention is causal, every layer attends to the vector too, and a head compares the result with the word
/// embeddings. Names in files are those of `BertLMHeadModel` in the Transformers library.
public struct BertDecoder: Module {
    /// Embeddings and layers: the encoder's own where the two are tied.
    public let base: TransformerEncoder
    /// One for each layer.
    public let crossAttentions: [CrossAttention]
    /// From hidden states to logits.
    public let head: LanguageModelHead

    /// A decoder that shares the parameters of a BERT.
    ///
    /// - Parameters:
    ///   - base: The encoder whose embeddings and layers it uses.
    ///   - key: Draws what the encoder does not have: cross-attention and head.
    /// - Precondition: The encoder is a BERT.
    public init(sharing base: TransformerEncoder, key: RandomKey) {
        let c = base.configuration
        require(c.architecture == .bert, "BertDecoder: cannot share the parameters of \(c.architecture.modelType)")
        self.base = base
        crossAttentions = base.layers.indices.map { i in
            CrossAttention(
                width: c.hiddenSize, normEpsilon: c.layerNormEpsilon, standardDeviation: c.initializerRange,
                key: key.folded(with: UInt64(i + 1)))
        }
        head = LanguageModelHead(
            width: c.hiddenSize, vocabularySize: c.vocabularySize, activation: c.hiddenActivation, normEpsilon: c.layerNormEpsilon,
            standardDeviation: c.initializerRange, key: key.folded(with: 0))
    }

    /// A decoder that shares the parameters of an encoder, and has the rest from a folder as far as that holds it.
    ///
    /// - Throws: `ModelFileError` for weights of other shapes.
    public init(sharing base: TransformerEncoder, folder: URL, key: RandomKey) throws {
        self.init(sharing: base, key: key)
        let shared = Set(base.parameters.map(ObjectIdentifier.init))
        try load(namedParameters.filter { !shared.contains(ObjectIdentifier($0.parameter)) }, from: folder)
    }

    /// Reads a decoder, or an encoder that is to become one, from a folder with `config.json` and `model.safetensors`.
    ///
    /// - Parameters:
    ///   - folder: A folder with `config.json` and weights.
    ///   - key: Draws what the folder does not hold: an encoder's has no cross-attention.
    /// - Throws: `ModelFileError` when the embeddings or a layer are missing, or shapes do not fit.
    public init(folder: URL, key: RandomKey) throws {
        self.init(sharing: TransformerEncoder(try Self.configuration(fromFolder: folder), key: nil), key: key)
        try load(namedParameters, from: folder)
    }

    /// Reads the configuration of a BERT that is to decode, whether or not the file says that it is a decoder.
    ///
    /// - Throws: `ModelFileError`, also for another architecture.
    public static func configuration(fromFolder folder: URL) throws -> EncoderConfiguration {
        let url = folder.appendingPathComponent(EncoderConfiguration.fileName)
        var object = try JSONFile.readObject(url)
        for key in decoderKeys { object[key] = nil }
        var fields = JSONFields(object, file: url.path)
        return try EncoderConfiguration(from: &fields, among: [.bert])
    }

    private static let decoderKeys = ["is_decoder", "add_cross_attention"]

    public var parts: [NamedPart] {
        base.parts.named(under: "bert")
            + crossAttentions.enumerated().flatMap { $1.parts.renamed(by: Self.memoryNames).named(under: "bert.encoder.layer.\($0)") }
            + head.parts.renamed(by: ["transform": "transform.dense", "norm": "transform.LayerNorm"]).named(under: "cls.predictions")
    }

    private static let memoryNames: FileNames = [
        "query": "crossattention.self.query", "key": "crossattention.self.key", "value": "crossattention.self.value",
        "output": "crossattention.output.dense", "norm": "crossattention.output.LayerNorm",
    ]

    private func load(_ parameters: [NamedParameter], from folder: URL) throws {
        let files = try WeightFiles(folder: folder)
        let needed = Set(base.parameters.map(ObjectIdentifier.init))
        // An encoder's file says neither "bert." nor has it a head.
        let isHeadless = !files.names.contains { $0.hasPrefix("bert.") }
        let named = parameters.map { named in
            isHeadless && named.name.hasPrefix("bert.")
                ? NamedParameter(name: String(named.name.dropFirst(5)), parameter: named.parameter) : named
        }
        try Weights.load(named, from: files, required: { needed.contains(ObjectIdentifier($0.parameter)) })
    }

    /// H, the width of the hidden states.
    public var width: Int { base.width }

    /// The table of word embeddings, with which the head's vectors are compared: `[V, H]`.
    public var words: Parameter { base.embeddings.words.weight }

    /// Runs without dropout, in training too.
    ///
    /// - Parameters:
    ///   - batch: Texts, without their last tokens: there is nothing to predict from those.
    ///   - memory: `[B, H]`, one vector for each text.
    /// - Returns: `[T, H]`; `x · wordsᵀ + head.bias` are the logits of the tokens that follow.
    public func callAsFunction(_ batch: TokenBatch, memory: Tensor) -> Tensor {
        let context = Context.inference
        var x = base.embeddings(batch, in: context)
        for (layer, attendToMemory) in zip(base.layers, crossAttentions) {
            guard let layer = layer as? TransformerLayer else { refuse("BertDecoder: cannot decode with a \(type(of: layer))") }
            let h = layer.attendCausally(x, batch, in: context)
            x = layer.transform(attendToMemory(h, memory: memory, offsets: batch.offsets), in: context)
        }
        return head(x)
    }

    /// Writes `config.json` and `model.safetensors` into a folder that exists.
    public func save(to folder: URL) throws {
        var configuration = base.configuration
        for key in Self.decoderKeys { configuration.unknownKeys[key] = true }
        configuration.unknownKeys["architectures"] = ["BertLMHeadModel"]
        try configuration.naming(words.value.dtype).write(toFolder: folder)
        try Weights.save(namedTensors, to: folder.appendingPathComponent("model.safetensors"))
    }
}
