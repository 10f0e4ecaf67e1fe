import Autodiff
import Layers
import Options

extension EncoderArchitecture {
    /// MPNet (Song et al. 2020): RoBERTa whose layers share a bias of relative positions.
    public static let mpnet = EncoderArchitecture(
        "mpnet", className: "MPNetModel", prefix: "mpnet.",
        names: .bert.merging([
            "attention.attention.query": "attention.attn.q", "attention.attention.key": "attention.attn.k",
            "attention.attention.value": "attention.attn.v", "attention.attention.output": "attention.attn.o",
            "attentionNorm": "attention.LayerNorm", "layers.0.attention.bias": "encoder.relative_attention_bias",
        ]),
        keys: ["type_vocab_size": nil], settings: [EncoderSetting.relativeBuckets],
        preset: { ($0.padTokenID, $0.typeVocabularySize) = (1, 0) },
        make: { c, key in
            let buckets = DistanceBuckets.logarithmic(count: c[.relativeBuckets])
            let bias = Embedding(
                count: buckets.count, width: c.attentionHeadCount, standardDeviation: c.initializerRange, key: key?.folded(with: 1 << 32))
            let layers = (0..<c.hiddenLayerCount).map { i in
                let key = key?.folded(with: UInt64(i + 1))
                return PostNormLayer(
                    attention: BiasedAttention(MultiHeadAttention(c, key: key?.folded(with: 0)), bias: bias, buckets: buckets), c,
                    key: key)
            }
            return TransformerEncoder(
                c, embeddings: TokenEmbeddings(c, positionPadding: c.padTokenID, key: key?.folded(with: 0)), layers: layers)
        })
}

extension EncoderSetting<Int> {
    /// Buckets of relative positions, a multiple of four.
    public static let relativeBuckets = EncoderSetting(
        "relative_attention_num_buckets", 32, Bound("a multiple of 4 from 4 to 1024") { $0 % 4 == 0 && (4...1024).contains($0) })
}
