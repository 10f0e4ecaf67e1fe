import Autodiff
import Layers
import Options

extension EncoderArchitecture {
    /// Nomic-BERT (Nussbaum et al. 2024): BERT with rotary positions, gated units, and hardly any bias.
    public static let nomicBert = EncoderArchitecture(
        "nomic_bert", className: "NomicBertModel", prefix: "nomic_bert.",
        names: [
            "embeddings.words": "embeddings.word_embeddings", "embeddings.types": "embeddings.token_type_embeddings",
            "embeddings.norm": "emb_ln", "layers": "encoder.layers", "attention.projection": "attn.Wqkv",
            "attention.output": "attn.out_proj", "attentionNorm": "norm1", "feedForward.gate": "mlp.fc12",
            "feedForward.input": "mlp.fc11", "feedForward.contraction": "mlp.fc2", "outputNorm": "norm2",
        ],
        hasPositionTable: false, settings: [EncoderSetting.rotaryBase],
        check: { c in
            if let width = c.unknownKeys["head_dim"]?.doubleValue, Int(width) * c.attentionHeadCount != c.hiddenSize {
                return ("head_dim", "a width of \(width) is not hidden_size over num_attention_heads")
            }
            return rotationProblem(c, nomicBases)
        },
        preset: { ($0.hiddenActivation, $0.hiddenDropout, $0.attentionDropout) = (.silu, 0, 0) },
        make: { c, key in
            let layers = (0..<c.hiddenLayerCount).map { i in
                let key = key?.folded(with: UInt64(i + 1))
                return PostNormLayer(
                    attention: JoinedAttention(
                        width: c.hiddenSize, headCount: c.attentionHeadCount, hasBias: false,
                        scores: AttentionScores(
                            rotation: c.rotation(.global, width: c.hiddenSize / c.attentionHeadCount, nomicBases)),
                        scoreDropout: c.attentionDropout, standardDeviation: c.initializerRange, key: key?.folded(with: 0)),
                    feedForward: GatedFeedForward(
                        width: c.hiddenSize, hiddenWidth: c.intermediateSize, activation: c.hiddenActivation,
                        standardDeviation: c.initializerRange, key: key?.folded(with: 1)),
                    width: c.hiddenSize, normEpsilon: c.layerNormEpsilon, attentionDropout: c.hiddenDropout,
                    outputDropout: c.hiddenDropout)
            }
            return TransformerEncoder(
                c, embeddings: TokenEmbeddings(c, key: key?.folded(with: 0)).withoutPositions(), layers: layers)
        })

    private static let nomicBases = RotationBases(global: .rotaryBase, local: .rotaryBase)
}

extension EncoderSetting<Double> {
    /// The base of the angles.
    static let rotaryBase = EncoderSetting("rotary_emb_base", 1000, .moreThan(0))
}
