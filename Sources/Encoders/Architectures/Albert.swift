import Autodiff
import Layers
import Options

extension EncoderArchitecture {
    /// ALBERT (Lan et al. 2020): BERT with narrow embeddings, whose layers are few that are computed again and again.
    public static let albert = EncoderArchitecture(
        "albert", className: "AlbertModel", prefix: "albert.",
        names: .bert.merging([
            "embeddings.projection": "encoder.embedding_hidden_mapping_in", "layers": "encoder.albert_layer_groups",
            "members": "albert_layers", "attention.query": "attention.query", "attention.key": "attention.key",
            "attention.value": "attention.value", "attention.output": "attention.dense", "attentionNorm": "attention.LayerNorm",
            "feedForward.expansion": "ffn", "feedForward.contraction": "ffn_output", "outputNorm": "full_layer_layer_norm",
        ]),
        settings: [EncoderSetting.embeddingSize, EncoderSetting.layerGroups, EncoderSetting.layersInGroup],
        check: { c in
            c[.layerGroups] <= c.hiddenLayerCount
                ? nil : ("num_hidden_groups", "\(c[.layerGroups]) groups are more than the \(c.hiddenLayerCount) layers")
        },
        preset: { ($0.hiddenActivation, $0.hiddenDropout, $0.attentionDropout) = (.geluNew, 0, 0) },
        make: { c, key in
            let width = c[.embeddingSize] ?? c.hiddenSize
            let embeddings = TokenEmbeddings(c, width: width, key: key?.folded(with: 0)).with(
                projection: Linear(
                    inputWidth: width, outputWidth: c.hiddenSize, standardDeviation: c.initializerRange, key: key?.folded(with: 1 << 32)))
            let groupCount = c[.layerGroups]
            var number: UInt64 = 0
            let groups = (0..<groupCount).map { _ in
                LayerGroup(
                    (0..<c[.layersInGroup]).map { _ in
                        number += 1
                        let key = key?.folded(with: number)
                        return TransformerLayer(
                            width: c.hiddenSize, headCount: c.attentionHeadCount, hiddenWidth: c.intermediateSize,
                            activation: c.hiddenActivation, normEpsilon: c.layerNormEpsilon, scoreDropout: c.attentionDropout,
                            attentionDropout: c.hiddenDropout, standardDeviation: c.initializerRange, key: key)
                    })
            }
            let order = (0..<c.hiddenLayerCount).map { $0 * groupCount / c.hiddenLayerCount }
            return TransformerEncoder(c, embeddings: embeddings, layers: groups, order: order)
        })
}

extension EncoderSetting<Int?> {
    /// E, the width of the embeddings, where that is not H.
    public static let embeddingSize = EncoderSetting("embedding_size", nil, .size)
}

extension EncoderSetting<Int> {
    /// Groups of layers that files hold; the layers are shared out among them.
    public static let layerGroups = EncoderSetting("num_hidden_groups", 1, .small)
    /// Layers of each group.
    public static let layersInGroup = EncoderSetting("inner_group_num", 1, .small)
}

extension Bound<Int> {
    static let small = Bound("from 1 to 1024") { (1...1024).contains($0) }
}
