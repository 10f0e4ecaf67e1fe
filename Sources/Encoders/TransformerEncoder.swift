import Autodiff
import Layers
import Requirements

/// Embeddings and a stack of layers: BERT, and with other layers what came after it.
public struct TransformerEncoder: TokenEncoder {
    /// Of words, positions and types.
    public let embeddings: TokenEmbeddings
    /// The layers that files hold, first to last.
    public private(set) var layers: [any TokenLayer]
    /// Of what the last layer gives; nil: none.
    public let norm: (any Layer)?
    /// After that norm.
    public let dropout: Dropout
    public private(set) var configuration: EncoderConfiguration
    /// Which of the layers computes, from the embeddings on.
    private var order: [Int]
    private var training = EncoderTraining()

    /// An encoder of given parts.
    ///
    /// - Parameters:
    ///   - configuration: The sizes.
    ///   - embeddings: Of the tokens.
    ///   - layers: What files hold.
    ///   - order: Which of them computes, from the embeddings on; each once when left out.
    ///   - norm: Of what the last layer gives; nil: none.
    ///   - dropout: The rate after that norm.
    public init(
        _ configuration: EncoderConfiguration, embeddings: TokenEmbeddings, layers: [any TokenLayer], order: [Int]? = nil,
        norm: (any Layer)? = nil, dropout: Double = 0
    ) {
        let order = order ?? Array(layers.indices)
        require(
            order.count == configuration.hiddenLayerCount && order.allSatisfy(layers.indices.contains),
            "TransformerEncoder: \(configuration.hiddenLayerCount) layers cannot be \(order) of \(layers.count)")
        self.configuration = configuration
        self.embeddings = embeddings
        self.layers = layers
        self.order = order
        self.norm = norm
        self.dropout = Dropout(dropout)
    }

    /// BERT as its configuration has it, but for what another architecture says.
    ///
    /// - Parameters:
    ///   - c: The sizes.
    ///   - positionPadding: Positions count from the row after this one, past tokens of this id; nil: from 0.
    ///   - attentionDropout: Share of the attention's result that training drops; nil: as elsewhere.
    ///   - key: Draws new weights; without one all are zero, to be filled from a file.
    public init(_ c: EncoderConfiguration, positionPadding: Int? = nil, attentionDropout: Double? = nil, key: RandomKey?) {
        self.init(
            c, embeddings: TokenEmbeddings(c, positionPadding: positionPadding, key: key?.folded(with: 0)),
            layers: Self.layers(c, attentionDropout: attentionDropout, key: key))
    }

    /// BERT's layers.
    static func layers(_ c: EncoderConfiguration, attentionDropout: Double? = nil, key: RandomKey?) -> [any TokenLayer] {
        (0..<c.hiddenLayerCount).map { i in
            let key = key?.folded(with: UInt64(i + 1))
            return TransformerLayer(
                attention: MultiHeadAttention(c, key: key?.folded(with: 0)), c, attentionDropout: attentionDropout, key: key)
        }
    }

    public var parts: [NamedPart] { propertyParts.renamed(by: configuration.architecture.names) }
    public var maximumLength: Int { embeddings.maximumLength }

    public func truncated(toLayers count: Int) -> TransformerEncoder {
        require((0...layerCount).contains(count), "TransformerEncoder.truncated: has \(layerCount) layers, not \(count)")
        var encoder = self
        encoder.order = Array(order.prefix(count))
        encoder.layers = Array(layers.prefix((encoder.order.max() ?? -1) + 1))
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
        for number in order {
            let x = states[states.count - 1], layer = layers[number]
            func value() -> Tensor {
                trains && training.recomputesLayers
                    ? recomputing(x, parameters: layer.parameters, in: context) { layer($0, batch, in: $1) }
                    : layer(x, batch, in: context)
            }
            states.append(trains && training.packsActivations ? Tape.packing(value) : value())
        }
        let last = states.removeLast()
        return states + [dropout(norm?(last, in: context) ?? last, in: context)]
    }
}

extension MultiHeadAttention {
    /// BERT's, by the sizes of a configuration.
    init(_ c: EncoderConfiguration, key: RandomKey?) {
        self.init(
            width: c.hiddenSize, headCount: c.attentionHeadCount, dropoutRate: c.attentionDropout,
            standardDeviation: c.initializerRange, key: key)
    }
}
