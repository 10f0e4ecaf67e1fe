import Autodiff
import Layers
import Options

extension EncoderArchitecture {
    /// The encoder of T5 (Raffel et al. 2020), and of its version 1.1 with gated feed-forward networks.
    public static let t5 = t5("t5", className: "T5EncoderModel", feedForward: "relu")
    /// The encoder of mT5 (Xue et al. 2021).
    public static let mt5 = t5("mt5", className: "MT5EncoderModel", feedForward: "gated-gelu")

    private static func t5(_ modelType: String, className: String, feedForward: String) -> EncoderArchitecture {
        let kind = EncoderSetting("feed_forward_proj", feedForward)
        /// `relu`, or `gated-gelu`.
        @Sendable func activation(_ c: EncoderConfiguration) -> (function: Activation?, isGated: Bool) {
            let words = c[kind].split(separator: "-", maxSplits: 1)
            let isGated = words.count == 2 && words[0] == "gated", name = String(isGated ? words[1] : words.first ?? "")
            return (isGated && name == "gelu" ? .geluNew : Activation(rawValue: isGated ? name : c[kind]), isGated)
        }
        return EncoderArchitecture(
            modelType, className: className, prefix: "transformer.",
            names: [
                "embeddings.words": "shared", "layers": "encoder.block", "norm": "encoder.final_layer_norm",
                "attentionNorm": "layer.0.layer_norm", "feedForwardNorm": "layer.1.layer_norm",
                "attention.attention.query": "layer.0.SelfAttention.q", "attention.attention.key": "layer.0.SelfAttention.k",
                "attention.attention.value": "layer.0.SelfAttention.v", "attention.attention.output": "layer.0.SelfAttention.o",
                "attention.bias": "layer.0.SelfAttention.relative_attention_bias",
                "feedForward.gate": "layer.1.DenseReluDense.wi_0", "feedForward.input": "layer.1.DenseReluDense.wi_1",
                "feedForward.expansion": "layer.1.DenseReluDense.wi", "feedForward.contraction": "layer.1.DenseReluDense.wo",
            ],
            keys: [
                "hidden_size": "d_model", "num_hidden_layers": "num_layers", "num_attention_heads": "num_heads",
                "intermediate_size": "d_ff", "hidden_dropout_prob": "dropout_rate", "layer_norm_eps": "layer_norm_epsilon",
                "max_position_embeddings": nil, "type_vocab_size": nil, "hidden_act": nil, "attention_probs_dropout_prob": nil,
                "initializer_range": nil,
            ],
            hasPositionTable: false,
            settings: [kind, EncoderSetting.keyWidth, EncoderSetting.relativeBuckets, EncoderSetting.relativeDistance],
            check: { c in
                if activation(c).function == nil { return ("feed_forward_proj", "\"\(c[kind])\" is not supported") }
                return c[.relativeDistance] > c[.relativeBuckets] / 4
                    ? nil : ("relative_attention_max_distance", "\(c[.relativeDistance]) is too small for the number of buckets")
            },
            preset: { ($0.typeVocabularySize, $0.layerNormEpsilon) = (0, 1e-6) },
            make: { c, key in
                let buckets = DistanceBuckets.logarithmic(count: c[.relativeBuckets], maximumDistance: c[.relativeDistance])
                let bias = Embedding(
                    count: buckets.count, width: c.attentionHeadCount, standardDeviation: c.initializerRange,
                    key: key?.folded(with: 1 << 32))
                func norm() -> RMSNorm { RMSNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon) }
                let (function, isGated) = activation(c)
                let layers = (0..<c.hiddenLayerCount).map { i in
                    let key = key?.folded(with: UInt64(i + 1)), inner = key?.folded(with: 1)
                    let attention = MultiHeadAttention(
                        width: c.hiddenSize, headCount: c.attentionHeadCount, headWidth: c[.keyWidth], hasBias: false,
                        scores: AttentionScores(scale: 1), dropoutRate: c.hiddenDropout, standardDeviation: c.initializerRange,
                        key: key?.folded(with: 0))
                    let feedForward: any Layer =
                        isGated
                        ? GatedFeedForward(
                            width: c.hiddenSize, hiddenWidth: c.intermediateSize, activation: function ?? .geluNew,
                            dropout: c.hiddenDropout, standardDeviation: c.initializerRange, key: inner)
                        : FeedForward(
                            width: c.hiddenSize, hiddenWidth: c.intermediateSize, hasBias: false, activation: function ?? .relu,
                            dropout: c.hiddenDropout, standardDeviation: c.initializerRange, key: inner)
                    return PreNormLayer(
                        attentionNorm: norm(), attention: BiasedAttention(attention, bias: bias, buckets: buckets),
                        feedForwardNorm: norm(), feedForward: feedForward, attentionDropout: c.hiddenDropout,
                        outputDropout: c.hiddenDropout)
                }
                return TransformerEncoder(
                    c, embeddings: TokenEmbeddings(wordsOf: c, dropout: c.hiddenDropout, maximumLength: .max, key: key?.folded(with: 0)),
                    layers: layers, norm: norm(), dropout: c.hiddenDropout)
            })
    }
}

extension EncoderSetting<Int> {
    /// Width of a head, which need not be the width over the number of heads.
    public static let keyWidth = EncoderSetting("d_kv", 64, .size)
    /// From here on, all distances share the last bucket.
    public static let relativeDistance = EncoderSetting(
        "relative_attention_max_distance", 128, Bound("from 2 to 65536") { (2...65536).contains($0) })
}
