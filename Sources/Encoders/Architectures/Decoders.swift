import Autodiff
import JSON
import Layers
import Options

extension EncoderArchitecture {
    /// Llama (Touvron et al. 2023): rotary positions, gated units, root mean squares, and few heads of keys for many of queries. No
    /// token sees those after it.
    public static let llama = decoder("llama", className: "LlamaModel") { c, _, width, key in
        MultiHeadAttention(c, width: width, hasBias: c[.hasAttentionBias], scores: c.scores(.global, width: width), key: key)
    }

    /// Mistral (Jiang et al. 2023): Llama that sees no farther back than a window.
    public static let mistral = decoder("mistral", className: "MistralModel") { c, _, width, key in
        MultiHeadAttention(
            c, width: width, hasBias: false, scores: c.scores(.global, width: width, window: c[.slidingWindow]), key: key)
    }

    /// Qwen2 (Yang et al. 2024): Llama with biases of queries, keys and values.
    public static let qwen2 = decoder("qwen2", className: "Qwen2Model") { c, kind, width, key in
        MultiHeadAttention(
            c, width: width, hasBias: true, hasOutputBias: false,
            scores: c.scores(kind, width: width, window: kind == .local ? c[.slidingWindow] : nil), key: key)
    }

    /// Qwen3 (Yang et al. 2025): Llama with norms of queries and keys.
    public static let qwen3 = decoder("qwen3", className: "Qwen3Model", headWidth: 128) { c, kind, width, key in
        MultiHeadAttention(
            c, width: width, hasBias: c[.hasAttentionBias], norm: { RMSNorm(width: width, epsilon: c.layerNormEpsilon) },
            scores: c.scores(kind, width: width, window: kind == .local ? c[.slidingWindow] : nil), key: key)
    }

    /// A stack of pre-norm layers with gated units.
    private static func decoder(
        _ modelType: String, className: String, headWidth: Int? = nil,
        attention:
            @escaping @Sendable (
                _ c: EncoderConfiguration, _ kind: LayerKind, _ headWidth: Int, _ key: RandomKey?
            ) -> MultiHeadAttention
    ) -> EncoderArchitecture {
        EncoderArchitecture(
            modelType, className: className, prefix: "model.", names: .decoder, keys: decoderKeys, hasPositionTable: false,
            settings: decoderSettings, check: decoderProblem,
            preset: {
                ($0.typeVocabularySize, $0.layerNormEpsilon, $0.hiddenActivation) = (0, 1e-6, .silu)
                $0.clearDropout()
            },
            make: { c, key in
                func norm() -> RMSNorm { RMSNorm(width: c.hiddenSize, epsilon: c.layerNormEpsilon) }
                let width = c[.headWidth] ?? headWidth ?? c.hiddenSize / c.attentionHeadCount
                let isSliding = c.unknownKeys["use_sliding_window"] == .bool(true)
                let kinds = c.layerKinds { !isSliding || $0 < c[.globalLayers] }
                let layers = kinds.enumerated().map { i, kind in
                    let key = key?.folded(with: UInt64(i + 1))
                    return PreNormLayer(
                        attentionNorm: norm(), attention: attention(c, kind, width, key?.folded(with: 0)), feedForwardNorm: norm(),
                        feedForward: GatedFeedForward(c, hasBias: c[.hasFeedForwardBias], key: key?.folded(with: 1)))
                }
                return TransformerEncoder(
                    c, embeddings: TokenEmbeddings(wordsOf: c, maximumLength: c.maxPositionEmbeddings, key: key?.folded(with: 0)),
                    layers: layers, norm: norm())
            })
    }

    /// Gemma 2 (2024): norms before and after attention and feed-forward network, capped scores, and every other layer looks at near
    /// tokens only.
    public static let gemma2 = gemma(
        "gemma2", className: "Gemma2Model", bases: RotationBases(global: .theta, local: .theta), globalStep: { _ in 2 },
        cap: { $0[.softCap] }
    ) { c, kind in
        kind == .local ? (c[.slidingWindow] ?? 4096).window(isCausal: c.isCausal) : nil
    }

    /// Gemma 3 (2025): Gemma 2 with norms of queries and keys in place of caps.
    public static let gemma3 = gemma(
        "gemma3_text", className: "Gemma3TextModel", bases: RotationBases(global: .gemmaTheta, local: .gemmaLocalTheta),
        globalStep: { $0[.localLayerStep] }, cap: { _ in nil }, headNorm: { $0 }
    ) { c, kind in
        guard kind == .local else { return nil }
        let count = c[.slidingWindow] ?? 4096
        // Where both sides are seen, half of them stand on either.
        return c[.isBidirectional] ? -(count / 2)...count / 2 : count.window(isCausal: c.isCausal)
    }

    private static func gemma(
        _ modelType: String, className: String, bases: RotationBases,
        globalStep: @escaping @Sendable (EncoderConfiguration) -> Int, cap: @escaping @Sendable (EncoderConfiguration) -> Double?,
        headNorm: @escaping @Sendable (RMSNorm) -> RMSNorm? = { _ in nil },
        window: @escaping @Sendable (EncoderConfiguration, LayerKind) -> ClosedRange<Int>?
    ) -> EncoderArchitecture {
        EncoderArchitecture(
            modelType, className: className, prefix: "model.",
            names: .decoder.merging([
                "attentionResultNorm": "post_attention_layernorm", "feedForwardNorm": "pre_feedforward_layernorm",
                "feedForwardResultNorm": "post_feedforward_layernorm",
            ]),
            keys: decoderKeys.merging(["hidden_act": "hidden_activation"]) { $1 }, hasPositionTable: false,
            settings: decoderSettings + [
                EncoderSetting.queryScalar, EncoderSetting.softCap, EncoderSetting.isBidirectional, EncoderSetting.localLayerStep,
                EncoderSetting.gemmaTheta, EncoderSetting.gemmaLocalTheta,
            ],
            check: decoderProblem,
            preset: {
                ($0.typeVocabularySize, $0.layerNormEpsilon, $0.hiddenActivation) = (0, 1e-6, .geluTanh)
                $0.clearDropout()
            },
            make: { c, key in
                func norm(_ width: Int) -> RMSNorm { RMSNorm(width: width, epsilon: c.layerNormEpsilon, offset: 1) }
                let width = c[.headWidth] ?? 256, step = globalStep(c)
                let layers = c.layerKinds { ($0 + 1) % step == 0 }.enumerated().map { i, kind in
                    let key = key?.folded(with: UInt64(i + 1))
                    let scores = AttentionScores(
                        scale: 1 / c[.queryScalar].squareRoot(), isCausal: c.isCausal, window: window(c, kind),
                        rotation: c.rotation(kind, width: width, bases), softCap: cap(c))
                    return PreNormLayer(
                        attentionNorm: norm(c.hiddenSize),
                        attention: MultiHeadAttention(
                            c, width: width, hasBias: c[.hasAttentionBias], norm: { headNorm(norm(width)) }, scores: scores,
                            key: key?.folded(with: 0)),
                        attentionResultNorm: norm(c.hiddenSize), feedForwardNorm: norm(c.hiddenSize),
                        feedForward: GatedFeedForward(c, hasBias: false, key: key?.folded(with: 1)),
                        feedForwardResultNorm: norm(c.hiddenSize))
                }
                return TransformerEncoder(
                    c,
                    embeddings: TokenEmbeddings(
                        wordsOf: c, scale: Double(c.hiddenSize).squareRoot(), maximumLength: c.maxPositionEmbeddings,
                        key: key?.folded(with: 0)),
                    layers: layers, norm: norm(c.hiddenSize))
            })
    }

    private static let decoderKeys: [String: String?] = [
        "type_vocab_size": nil, "hidden_dropout_prob": nil, "attention_probs_dropout_prob": "attention_dropout",
        "layer_norm_eps": "rms_norm_eps",
    ]

    private static let decoderSettings: [any AnyEncoderSetting] = [
        EncoderSetting.keyHeadCount, EncoderSetting.headWidth, EncoderSetting.slidingWindow, EncoderSetting.layerKinds,
        EncoderSetting.hasAttentionBias, EncoderSetting.hasFeedForwardBias, EncoderSetting.globalLayers, EncoderSetting.isCausal,
        EncoderSetting.theta,
    ]

    @Sendable private static func decoderProblem(_ c: EncoderConfiguration) -> (key: String, problem: String)? {
        if let count = c[.keyHeadCount], c.attentionHeadCount % count != 0 {
            return ("num_key_value_heads", "\(count) heads do not divide num_attention_heads, \(c.attentionHeadCount)")
        }
        if c[.headWidth] == nil, c.hiddenSize % c.attentionHeadCount != 0 {
            return ("num_attention_heads", "\(c.attentionHeadCount) heads do not divide hidden_size, \(c.hiddenSize)")
        }
        return rotationProblem(c, RotationBases(global: .theta, local: .theta)) ?? layerKindProblem(c)
    }
}

extension FileNames {
    /// The names that Llama's files have for the parts of its layers.
    static let decoder: FileNames = [
        "embeddings.words": "embed_tokens", "attentionNorm": "input_layernorm", "feedForwardNorm": "post_attention_layernorm",
        "attention.query": "self_attn.q_proj", "attention.key": "self_attn.k_proj", "attention.value": "self_attn.v_proj",
        "attention.output": "self_attn.o_proj", "attention.queryNorm": "self_attn.q_norm", "attention.keyNorm": "self_attn.k_norm",
        "feedForward.gate": "mlp.gate_proj", "feedForward.input": "mlp.up_proj", "feedForward.contraction": "mlp.down_proj",
    ]
}

extension MultiHeadAttention {
    /// A decoder's, by the sizes of its configuration; `norm` makes those of queries and keys.
    fileprivate init(
        _ c: EncoderConfiguration, width: Int, hasBias: Bool, hasOutputBias: Bool? = nil, norm: () -> (any Layer)? = { nil },
        scores: AttentionScores, key: RandomKey?
    ) {
        self.init(
            width: c.hiddenSize, headCount: c.attentionHeadCount, keyValueHeadCount: c[.keyHeadCount], headWidth: width,
            hasBias: hasBias, hasOutputBias: hasOutputBias, queryNorm: norm(), keyNorm: norm(), scores: scores,
            dropoutRate: c.attentionDropout, standardDeviation: c.initializerRange, key: key)
    }
}

extension GatedFeedForward {
    fileprivate init(_ c: EncoderConfiguration, hasBias: Bool, key: RandomKey?) {
        self.init(
            width: c.hiddenSize, hiddenWidth: c.intermediateSize, hasBias: hasBias, activation: c.hiddenActivation,
            standardDeviation: c.initializerRange, key: key)
    }
}

extension EncoderConfiguration {
    fileprivate mutating func clearDropout() { (hiddenDropout, attentionDropout, padTokenID) = (0, 0, nil) }

    /// Causal scores with a rotation; a window counts the token itself, or both sides of it where all are seen.
    fileprivate func scores(_ kind: LayerKind, width: Int, window: Int? = nil) -> AttentionScores {
        AttentionScores(
            isCausal: isCausal, window: window?.window(isCausal: isCausal),
            rotation: rotation(kind, width: width, RotationBases(global: .theta, local: .theta)))
    }

    /// Whether no token sees those after it.
    fileprivate var isCausal: Bool { self[.isCausal] && !self[.isBidirectional] }
}

extension Int {
    /// The relative positions of so many keys, the token's own among them; or of as many on either side beside it.
    fileprivate func window(isCausal: Bool) -> ClosedRange<Int> { isCausal ? 1 - self...0 : -self...self }
}

extension EncoderSetting<Int?> {
    /// Heads of keys and values; as many as of queries where nothing is said.
    public static let keyHeadCount = EncoderSetting("num_key_value_heads", nil, .size)
    /// Width of a head.
    public static let headWidth = EncoderSetting(
        "head_dim", nil, Bound("an even number from 2 to 65536") { $0 % 2 == 0 && (2...65536).contains($0) })
    /// How many tokens, itself among them, a token sees; all where nothing is said.
    public static let slidingWindow = EncoderSetting("sliding_window", nil, .size)
}

extension EncoderSetting<Int> {
    /// Layers that see all tokens, before those with a window.
    static let globalLayers = EncoderSetting("max_window_layers", 28, .count)
    /// Every how many layers one sees all tokens.
    static let localLayerStep = EncoderSetting("sliding_window_pattern", 6, .small)
}

extension EncoderSetting<Bool> {
    /// Whether no token sees those after it.
    public static let isCausal = EncoderSetting("is_causal", true)
    /// The same, the other way round.
    public static let isBidirectional = EncoderSetting("use_bidirectional_attention", false)
}

extension EncoderSetting<Double> {
    /// The base of the angles.
    static let theta = EncoderSetting("rope_theta", 10_000, .moreThan(0))
    /// The base of the angles of layers that see all tokens.
    static let gemmaTheta = EncoderSetting("rope_theta", 1_000_000, .moreThan(0))
    /// The base of the angles of layers that see near tokens.
    static let gemmaLocalTheta = EncoderSetting("rope_local_base_freq", 10_000, .moreThan(0))
    /// Scores are divided by its root.
    public static let queryScalar = EncoderSetting("query_pre_attn_scalar", 256, .moreThan(0))
}

extension EncoderSetting<Double?> {
    /// c in c · tanh(s / c), which scores s become.
    public static let softCap = EncoderSetting("attn_logit_softcapping", nil, Bound("more than 0") { $0 > 0 })
}
