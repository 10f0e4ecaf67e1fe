import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements

/// Weighs the token embeddings by their tokens, with inverse document frequencies, say. A mean behind it divides by the sum of the
/// weights.
public struct WordWeights: EmbeddingModule {
    /// `[V, 1]`: the weight of each token.
    public let weights: Embedding  // [V, 1]
    private let configuration: JSONObject

    public static var typeName: String { ModuleKind.wordWeights.typeName(.version6) }

    /// Weights of the tokens of a vocabulary.
    ///
    /// - Parameters:
    ///   - vocabulary: The tokens, by their ids.
    ///   - weights: Of tokens as they are, or in lower case.
    ///   - unknownWeight: Of those that have none.
    public init(vocabulary: [String], weights: [String: Double], unknownWeight: Double = 1) {
        var members = JSONObject()
        for (word, weight) in weights.sorted(by: { $0.key < $1.key }) { members[word] = .real(weight) }
        self.init(
            [
                "vocab": .array(vocabulary.map { .string($0) }), "word_weights": .object(members),
                "unknown_word_weight": .real(unknownWeight),
            ], count: vocabulary.count)
        let values = vocabulary.map { weights[$0] ?? weights[$0.lowercased()] ?? unknownWeight }
        self.weights.weight.value = Tensor(values, shape: [values.count, 1], dtype: .float32)
    }

    private init(_ configuration: JSONObject, count: Int) {
        self.configuration = configuration
        weights = Embedding(count: count, width: 1, key: nil)
    }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder)
        let configuration = fields.rest
        let vocabulary = try fields.required("vocab", try fields.strings("vocab"), "a list of words")
        self.init(configuration, count: vocabulary.count)
        try Weights.load(namedParameters, from: WeightFiles(folder: folder))
    }

    public var parts: [NamedPart] { weights.parts.named(under: "emb_layer") }
    public var summary: String { "\(weights.weight.shape[0]) tokens" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        var features = features
        let ids = features.batch.tokenIDs
        require(
            ids.allSatisfy { Int($0) < weights.weight.shape[0] },
            "WordWeights: token \(ids.max() ?? 0) has no weight; there are \(weights.weight.shape[0])")
        let own = weights(Tensor(scalars: ids, shape: [ids.count]))  // [T, 1]
        features.tokenEmbeddings = features.requiredTokenEmbeddings * own
        features.tokenWeightSums = own.segmentSum(features.batch.offsets)
        return features
    }

    public func copied() -> WordWeights { WordWeights(configuration, count: weights.weight.shape[0]).takingValues(of: self) }

    public func save(to folder: URL) throws {
        try configuration.writeConfiguration(in: folder)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }
}
