import Autodiff
import Layers
import Requirements

/// Embeddings and a stack of transformer layers, normalized after each sum: BERT and what is made like it.
public struct TransformerEncoder: TokenEncoder {
    /// Of words, positions and types.
    public let embeddings: TokenEmbeddings
    /// The layers, first to last.
    public private(set) var layers: [TransformerLayer]
    public private(set) var configuration: EncoderConfiguration
    private var training = EncoderTraining()

    /// BERT as its configuration has it, but for what another architecture says.
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - positionPadding: Positions count from the row after this one, past tokens of this id; nil: from 0.
    ///   - attentionDropout: Share of the attention's result that training drops; nil: as elsewhere.
    ///   - key: Draws new weights; without one all are zero, to be filled from a file.
    public init(
        _ configuration: EncoderConfiguration, positionPadding: Int? = nil, attentionDropout: Double? = nil, key: RandomKey?
    ) {
        let c = configuration
        self.configuration = c
        embeddings = TokenEmbeddings(
            vocabularySize: c.vocabularySize, width: c.hiddenSize, positionCount: c.maxPositionEmbeddings,
            typeCount: c.typeVocabularySize, padding: c.padTokenID, positionPadding: positionPadding,
            normEpsilon: c.layerNormEpsilon, dropout: c.hiddenDropout, standardDeviation: c.initializerRange,
            key: key?.folded(with: 0))
        layers = (0..<c.hiddenLayerCount).map { i in
            TransformerLayer(
                width: c.hiddenSize, headCount: c.attentionHeadCount, hiddenWidth: c.intermediateSize,
                activation: c.hiddenActivation, normEpsilon: c.layerNormEpsilon, scoreDropout: c.attentionDropout,
                attentionDropout: attentionDropout ?? c.hiddenDropout, outputDropout: c.hiddenDropout,
                standardDeviation: c.initializerRange, key: key?.folded(with: UInt64(i + 1)))
        }
    }

    public var parts: [NamedPart] { propertyParts.renamed(by: configuration.architecture.names) }
    public var maximumLength: Int { embeddings.maximumLength }

    public func truncated(toLayers count: Int) -> TransformerEncoder {
        require((0...layerCount).contains(count), "TransformerEncoder.truncated: has \(layerCount) layers, not \(count)")
        var encoder = self
        encoder.layers = Array(layers.prefix(count))
        encoder.configuration.hiddenLayerCount = count
        return encoder
    }

    public func training(_ settings: EncoderTraining) -> TransformerEncoder? {
        var encoder = self
        encoder.training = settings
        return encoder
    }

    public func hiddenStates(_ batch: TokenBatch, in context: Context) -> [Tensor] {
        let context = context.addressing(context.mode == .training ? batch.tokenAddresses : nil)
        let trains = context.mode == .training
        var states = [embeddings(batch, in: context, noise: trains ? training.embeddingNoise : nil)]
        for layer in layers {
            let x = states[states.count - 1]
            states.append(
                trains && training.recomputesLayers
                    ? recomputing(x, parameters: layer.parameters, in: context) { layer($0, batch, in: $1) }
                    : layer(x, batch, in: context))
        }
        return states
    }
}
