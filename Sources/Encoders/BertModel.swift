import Autodiff
import Layers
import ModelFiles

/// BERT (Devlin et al. 2019): embeddings and a stack of transformer layers, normalized after each sum.
public struct BertModel: TokenEncoder {
    public let embeddings: BertEmbeddings
    public private(set) var layers: [BertLayer]
    public private(set) var configuration: BertConfiguration
    let activation: Activation

    public static let fileNames = ["layers": "encoder.layer"]

    /// - Parameters:
    ///   - key: Draws new weights; without one all are zero, to be filled from a file.
    ///   - file: What messages call the configuration.
    /// - Throws: ``ModelFileError`` when the activation is not known, or a dropout would leave nothing.
    public init(_ configuration: BertConfiguration, key: RandomKey?, file: String = BertConfiguration.fileName) throws {
        guard let activation = Activation(rawValue: configuration.hiddenActivation) else {
            throw ModelFileError(.unsupported, file: file, place: "hidden_act",
                                 problem: "\"\(configuration.hiddenActivation)\" is not an activation; known are "
                                    + Activation.allCases.map(\.rawValue).joined(separator: ", "))
        }
        let rates = [("hidden_dropout_prob", configuration.hiddenDropout),
                     ("attention_probs_dropout_prob", configuration.attentionDropout)]
        for (key, rate) in rates where !(0..<1).contains(rate) {
            throw ModelFileError(.malformed, file: file, place: key,
                                 problem: "\(rate) is not at least 0 and below 1")
        }
        self.init(configuration, activation, key: key)
    }

    private init(_ configuration: BertConfiguration, _ activation: Activation, key: RandomKey?) {
        self.configuration = configuration
        self.activation = activation
        embeddings = BertEmbeddings(configuration, key: key?.folded(with: 0))
        layers = (0..<configuration.hiddenLayerCount).map { i in
            BertLayer(configuration, activation: activation, key: key?.folded(with: UInt64(i + 1)))
        }
    }

    /// The first `count` layers, which go on sharing their parameters with this model.
    ///
    /// - Precondition: `count` is at most `layerCount`; with 0 only the embeddings are left.
    public func truncated(toLayers count: Int) -> BertModel {
        precondition((0...layerCount).contains(count), "BertModel.truncated: has \(layerCount) layers, not \(count)")
        var model = self
        model.layers = Array(layers.prefix(count))
        model.configuration.hiddenLayerCount = count
        return model
    }

    /// A model with parameters of its own, which are equal to those of this one.
    public func copied() -> BertModel { BertModel(configuration, activation, key: nil).takingValues(of: self) }

    public var width: Int { configuration.hiddenSize }
    public var layerCount: Int { layers.count }
    public var maximumLength: Int { configuration.maxPositionEmbeddings }
    public var vocabularySize: Int { configuration.vocabularySize }

    public func hiddenStates(_ batch: TokenBatch, in context: Context) -> [Tensor] {
        let context = context.addressing(context.mode == .training ? batch.tokenAddresses : nil)
        var states = [embeddings(batch, in: context)]
        for layer in layers { states.append(layer(states[states.count - 1], batch, in: context)) }
        return states
    }
}
