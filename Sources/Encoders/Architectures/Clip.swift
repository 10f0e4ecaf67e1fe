import Autodiff
import Layers
import Options
import Requirements

extension EncoderArchitecture {
    /// The text tower of CLIP (Radford et al. 2021): norms before attention and feed-forward networks, and no token sees those after it.
    public static let clipText = EncoderArchitecture(
        "clip_text_model", className: "CLIPTextModel", prefix: "text_model.",
        names: .clip.merging([
            "embeddings.words": "embeddings.token_embedding", "embeddings.positions": "embeddings.position_embedding",
            "norm": "final_layer_norm",
        ]),
        keys: clipKeys, settings: [EncoderSetting.endOfText],
        preset: {
            $0.clearForClip()
            $0.padTokenID = 1
        },
        make: { TransformerEncoder(clip: $0, key: $1) })

    /// The vision tower of CLIP: a `VisionEncoder`, which no tokens go through.
    static let clipVision = EncoderArchitecture(
        "clip_vision_model", className: "CLIPVisionModel", prefix: "vision_model.",
        names: .clip.merging([
            "embeddings.classToken": "embeddings.class_embedding", "embeddings.patches": "embeddings.patch_embedding.weight",
            "embeddings.positions": "embeddings.position_embedding", "embeddingNorm": "pre_layrnorm", "norm": "post_layernorm",
        ]),
        keys: clipKeys.merging(["vocab_size": nil, "max_position_embeddings": nil, "pad_token_id": nil]) { $1 }, hasPositionTable: false,
        settings: [EncoderSetting.imageSize, EncoderSetting.patchSize, EncoderSetting.channelCount],
        check: { c in
            c[.patchSize] > c[.imageSize] ? ("patch_size", "\(c[.patchSize]) is more than image_size, \(c[.imageSize])") : nil
        },
        preset: { $0.clearForClip() },
        make: { c, _ in refuse("\(c.architecture.modelType): images go through a VisionEncoder, not tokens") })

    private static let clipKeys: [String: String?] = [
        "type_vocab_size": nil, "hidden_dropout_prob": nil, "attention_probs_dropout_prob": "attention_dropout",
    ]
}

extension FileNames {
    /// The names that both towers have in files.
    fileprivate static let clip: FileNames = [
        "layers": "encoder.layers", "attentionNorm": "layer_norm1", "attention.query": "self_attn.q_proj",
        "attention.key": "self_attn.k_proj", "attention.value": "self_attn.v_proj", "attention.output": "self_attn.out_proj",
        "feedForwardNorm": "layer_norm2", "feedForward.expansion": "mlp.fc1", "feedForward.contraction": "mlp.fc2",
    ]
}

extension TransformerEncoder {
    /// CLIP's encoder of texts.
    init(clip c: EncoderConfiguration, key: RandomKey?) {
        let positions = Embedding(
            count: c.maxPositionEmbeddings, width: c.hiddenSize, standardDeviation: c.initializerRange, key: key?.folded(with: 1 << 32))
        self.init(
            c,
            embeddings: TokenEmbeddings(wordsOf: c, maximumLength: c.maxPositionEmbeddings, key: key?.folded(with: 0)).with(
                positions: positions),
            layers: PreNormLayer.clipLayers(c, isCausal: true, key: key),
            norm: LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon))
    }
}

extension PreNormLayer {
    /// The layers of either tower.
    static func clipLayers(_ c: EncoderConfiguration, isCausal: Bool, key: RandomKey?) -> [any TokenLayer] {
        func norm() -> LayerNorm { LayerNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon) }
        return (0..<c.hiddenLayerCount).map { i in
            let key = key?.folded(with: UInt64(i + 1))
            return PreNormLayer(
                attentionNorm: norm(),
                attention: MultiHeadAttention(
                    width: c.hiddenSize, headCount: c.attentionHeadCount, scores: AttentionScores(isCausal: isCausal),
                    dropoutRate: c.attentionDropout, standardDeviation: c.initializerRange, key: key?.folded(with: 0)),
                feedForwardNorm: norm(),
                feedForward: FeedForward(
                    width: c.hiddenSize, hiddenWidth: c.intermediateSize, activation: c.hiddenActivation,
                    standardDeviation: c.initializerRange, key: key?.folded(with: 1)))
        }
    }
}

extension EncoderConfiguration {
    fileprivate mutating func clearForClip() {
        (hiddenActivation, hiddenDropout, attentionDropout, layerNormEpsilon) = (.quickGELU, 0, 0, 1e-5)
        (typeVocabularySize, padTokenID) = (0, nil)
    }
}

extension EncoderSetting<Int> {
    /// The token at which a text is read off. 2, which older files have wrongly, means the largest id of the text.
    public static let endOfText = EncoderSetting("eos_token_id", 49407, .count)
    /// Rows and columns of an image.
    public static let imageSize = EncoderSetting("image_size", 224, .side)
    /// Rows and columns of a patch.
    public static let patchSize = EncoderSetting("patch_size", 32, .side)
    /// Numbers of a point.
    public static let channelCount = EncoderSetting("num_channels", 3, .small)
}

extension Bound<Int> {
    fileprivate static let side = Bound("from 1 to 16384") { (1...16384).contains($0) }
}
