import Autodiff
import Layers
import ModelFiles

/// BERT (Devlin et al. 2019): embeddings and a stack of transformer layers, normalized after each sum.
public struct BertModel: TokenEncoder {
    public let embeddings: BertEmbeddings
    public let layers: [BertLayer]
    public let configuration: BertConfiguration

    public static let fileNames = ["layers": "encoder.layer"]

    /// - Parameter key: Draws new weights; without one all are zero, to be filled from a file.
    /// - Throws: ``ModelFileError`` when the activation is not known.
    public init(_ configuration: BertConfiguration, key: RandomKey?) throws {
        guard let activation = Activation(rawValue: configuration.hiddenActivation) else {
            throw ModelFileError(.unsupported, file: BertConfiguration.fileName, place: "hidden_act",
                                 problem: "\"\(configuration.hiddenActivation)\" is not an activation; known are "
                                    + Activation.allCases.map(\.rawValue).joined(separator: ", "))
        }
        self.configuration = configuration
        embeddings = BertEmbeddings(configuration, key: key?.folded(with: 0))
        layers = (0..<configuration.hiddenLayerCount).map { i in
            BertLayer(configuration, activation: activation, key: key?.folded(with: UInt64(i + 1)))
        }
    }

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
