import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles

/// Layer normalization of the sentence embedding.
public struct SentenceLayerNorm: EmbeddingModule {
    /// The layer.
    public let norm: LayerNorm

    public static var typeName: String { ModuleKind.layerNorm.typeName(.version6) }

    /// Weights of one, biases of zero, for embeddings of a width.
    public init(width: Int) { norm = LayerNorm(width: width, epsilon: 1e-5) }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder)
        self.init(width: try fields.requiredInteger("dimension", in: 1...Int(Int32.max)))
        try Weights.load(namedParameters, from: WeightFiles(folder: folder))
    }

    private var width: Int { norm.weight.shape[0] }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? {
        mismatch(needingSentenceEmbeddingsOf: width, sentenceWidth)
    }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        features.sentenceEmbedding = norm(features.requiredSentenceEmbedding)
        return features
    }

    public func copied() -> SentenceLayerNorm { SentenceLayerNorm(width: width).takingValues(of: self) }

    public func save(to folder: URL) throws {
        try JSONObject(members: [("dimension", .integer(width))]).writeConfiguration(in: folder)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }
}

/// Dropout of the sentence embedding, in training.
public struct SentenceDropout: EmbeddingModule {
    /// The layer.
    public let dropout: Dropout

    public static var typeName: String { ModuleKind.dropout.typeName(.version6) }

    /// Drops a share of the numbers; traps for one outside 0 ..< 1.
    public init(_ rate: Double = 0.2) { dropout = Dropout(rate) }

    /// - Throws: `ModelFileError` for a rate outside 0 ..< 1.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder)
        self.init(try fields.number("dropout", in: 0...(1.0.nextDown)) ?? 0.2)
    }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { mismatch(needingSentenceEmbeddingsOf: nil, sentenceWidth) }

    public var summary: String { "\(dropout.rate)" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        features.sentenceEmbedding = dropout(features.requiredSentenceEmbedding, in: context)
        return features
    }

    public func copied() -> SentenceDropout { self }

    public func save(to folder: URL) throws {
        try JSONObject(members: [("dropout", .real(dropout.rate))]).writeConfiguration(in: folder)
    }
}

extension JSONFields {
    /// The configuration of a module.
    init(configurationIn folder: URL, named name: String = "config.json") throws {
        let url = folder.appendingPathComponent(name)
        self.init(try JSONFile.readObject(url), file: url.path)
    }

    /// A whole number of today's key or the one before, which must be there.
    mutating func requiredInteger(_ key: String, formerly old: String, in range: ClosedRange<Int>) throws -> Int {
        let former = try integer(old, in: range)
        return try integer(key, in: range) ?? former ?? requiredInteger(key, in: range)
    }
}

extension JSONObject {
    func writeConfiguration(in folder: URL, named name: String = "config.json") throws {
        try JSONFile.write(
            .object(self), to: folder.appendingPathComponent(name), style: JSONStyle(indentation: 4, sortsKeys: false))
    }
}
