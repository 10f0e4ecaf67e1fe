import Autodiff
import Layers
import Options

extension EncoderArchitecture {
    /// ModernBERT (Warner et al. 2024): rotary positions, gated units, and layers that look at near tokens only between those that look
    /// at all.
    public static let modernbert = EncoderArchitecture(
        "modernbert", className: "ModernBertModel", prefix: "model.",
        names: [
            "embeddings.words": "embeddings.tok_embeddings", "embeddings.norm": "embeddings.norm", "norm": "final_norm",
            "attentionNorm": "attn_norm", "attention.projection": "attn.Wqkv", "attention.output": "attn.Wo",
            "feedForwardNorm": "mlp_norm", "feedForward.expansion": "mlp.Wi", "feedForward.contraction": "mlp.Wo",
        ],
        keys: [
            "type_vocab_size": nil, "hidden_act": "hidden_activation", "hidden_dropout_prob": "mlp_dropout",
            "attention_probs_dropout_prob": "attention_dropout", "layer_norm_eps": "norm_eps",
        ],
        hasPositionTable: false,
        settings: [
            EncoderSetting.embeddingDropout, EncoderSetting.hasNormBias, EncoderSetting.hasAttentionBias,
            EncoderSetting.hasFeedForwardBias, EncoderSetting.localAttention, EncoderSetting.globalLayerStep, EncoderSetting.layerKinds,
            EncoderSetting.globalTheta, EncoderSetting.localTheta,
        ],
        check: { rotationProblem($0, bases) ?? layerKindProblem($0) },
        preset: {
            ($0.typeVocabularySize, $0.hiddenDropout, $0.attentionDropout, $0.layerNormEpsilon) = (0, 0, 0, 1e-5)
            $0.padTokenID = nil
        },
        make: { c, key in
            func norm() -> any Layer {
                c[.hasNormBias]
                    ? LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon)
                    : ScaleNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon)
            }
            let kinds = c.layerKinds { $0 % c[.globalLayerStep] == 0 }
            let layers = kinds.enumerated().map { i, kind in
                let key = key?.folded(with: UInt64(i + 1)), reach = c[.localAttention] / 2
                let attention = JoinedAttention(
                    width: c.hiddenSize, headCount: c.attentionHeadCount, hasBias: c[.hasAttentionBias],
                    scores: AttentionScores(
                        window: kind == .local ? -reach...reach : nil,
                        rotation: c.rotation(kind, width: c.hiddenSize / c.attentionHeadCount, bases)),
                    scoreDropout: c.attentionDropout, standardDeviation: c.initializerRange, key: key?.folded(with: 0))
                return PreNormLayer(
                    attentionNorm: i == 0 ? nil : norm(), attention: attention, feedForwardNorm: norm(),
                    feedForward: JoinedGatedFeedForward(
                        width: c.hiddenSize, hiddenWidth: c.intermediateSize, hasBias: c[.hasFeedForwardBias],
                        activation: c.hiddenActivation, dropout: c.hiddenDropout, standardDeviation: c.initializerRange,
                        key: key?.folded(with: 1)),
                    attentionDropout: c.attentionDropout)
            }
            let embeddings = TokenEmbeddings(
                wordsOf: c, norm: norm(), dropout: c[.embeddingDropout], maximumLength: c.maxPositionEmbeddings, key: key?.folded(with: 0))
            return TransformerEncoder(c, embeddings: embeddings, layers: layers, norm: norm())
        })

    private static let bases = RotationBases(global: .globalTheta, local: .localTheta)
}

extension EncoderSetting<Bool> {
    /// Whether norms have a shift.
    public static let hasNormBias = EncoderSetting("norm_bias", false)
    /// Whether the projections of attention have biases.
    public static let hasAttentionBias = EncoderSetting("attention_bias", false)
    /// Whether the feed-forward networks have biases.
    public static let hasFeedForwardBias = EncoderSetting("mlp_bias", false)
}

extension EncoderSetting<Double> {
    /// Of the embeddings.
    public static let embeddingDropout = EncoderSetting("embedding_dropout", 0, Bound("at least 0 and below 1") { $0 >= 0 && $0 < 1 })
    /// The base of the angles of layers that see all tokens.
    static let globalTheta = EncoderSetting("global_rope_theta", 160_000, .moreThan(0))
    /// The base of the angles of layers that see near tokens.
    static let localTheta = EncoderSetting("local_rope_theta", 10_000, .moreThan(0))
}

extension EncoderSetting<Int> {
    /// Tokens that a local layer sees, half of them on either side.
    public static let localAttention = EncoderSetting("local_attention", 128, .size)
    /// Every how many layers one sees all tokens.
    public static let globalLayerStep = EncoderSetting("global_attn_every_n_layers", 3, .small)
}
