import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Requirements

/// A weighted mean of the states of several layers, as token embeddings.
public struct WeightedLayerPooling: EmbeddingModule {
    /// `[n]`: one for each of the layers, which need not add up to one.
    public let layerWeights: Parameter  // [n]
    private let width, firstLayer: Int

    public static var typeName: String { ModuleKind.weightedLayerPooling.typeName(.version6) }

    /// Weights of one.
    ///
    /// - Parameters:
    ///   - width: Of the states.
    ///   - firstLayer: The first layer that counts; 0 is the embeddings.
    ///   - layerCount: Layers that the transformer has.
    public init(width: Int, firstLayer: Int = 4, layerCount: Int = 12) {
        require((0...layerCount).contains(firstLayer), "WeightedLayerPooling: \(layerCount) layers have no layer \(firstLayer)")
        layerWeights = Parameter(.ones([layerCount + 1 - firstLayer]))
        (self.width, self.firstLayer) = (width, firstLayer)
    }

    /// - Throws: `ModelFileError` for a configuration or weights that do not fit.
    public init(folder: URL) throws {
        var fields = try JSONFields(configurationIn: folder)
        let width = try fields.requiredInteger("embedding_dimension", formerly: "word_embedding_dimension", in: 1...Int(Int32.max))
        let count = try fields.integer("num_hidden_layers", in: 0...10_000) ?? 12
        self.init(width: width, firstLayer: try fields.integer("layer_start", in: 0...count) ?? min(4, count), layerCount: count)
        try Weights.load(namedParameters, from: WeightFiles(folder: folder))
    }

    public var parts: [NamedPart] { propertyParts.renamed(by: ["layerWeights": "layer_weights"]) }
    public var needsHiddenStates: Bool { true }

    public func mismatch(tokenWidth: Int?, sentenceWidth: Int?) -> String? { mismatch(needingTokenEmbeddingsOf: width, tokenWidth) }

    public var summary: String { "layers \(firstLayer) to \(firstLayer + layerWeights.count - 1)" }

    public func callAsFunction(_ features: Features, in context: Context) -> Features {
        let states = features.hiddenStates
        // A pass that has one layer's states alone leaves them as they are, as the original does.
        guard !states.isEmpty else { return features }
        require(
            states.count == firstLayer + layerWeights.count,
            "WeightedLayerPooling: needs \(firstLayer + layerWeights.count - 1) layers, but there are \(states.count - 1)")
        var features = features
        let weights = layerWeights.value
        let sum = states[firstLayer...].enumerated().map { $1 * weights.sliced($0..<$0 + 1).reshaped([1, 1]) }.reduce(nil) {
            (sum: Tensor?, x) in sum.map { $0 + x } ?? x
        }
        features.tokenEmbeddings = sum! / weights.sum().reshaped([1, 1])
        return features
    }

    public func copied() -> WeightedLayerPooling {
        WeightedLayerPooling(width: width, firstLayer: firstLayer, layerCount: firstLayer + layerWeights.count - 1).takingValues(of: self)
    }

    public func save(to folder: URL) throws {
        let object: JSONObject = [
            "embedding_dimension": .integer(width), "layer_start": .integer(firstLayer),
            "num_hidden_layers": .integer(firstLayer + layerWeights.count - 1),
        ]
        try object.writeConfiguration(in: folder)
        try Weights.save(namedTensors, to: folder.appendingPathComponent(WeightFiles.fileName))
    }
}
