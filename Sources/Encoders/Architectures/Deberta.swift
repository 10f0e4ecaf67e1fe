import Autodiff
import JSON
import Layers
import Options

extension EncoderArchitecture {
    /// DeBERTa (He et al. 2021): what tokens hold and how far apart they stand are scored apart.
    public static let deberta = EncoderArchitecture(
        "deberta", className: "DebertaModel", prefix: "deberta.",
        names: .bert.merging(relativeNames).merging([
            "attention.projection": "attention.self.in_proj", "attention.queryBias": "attention.self.q_bias",
            "attention.valueBias": "attention.self.v_bias", "attention.positionKey": "attention.self.pos_proj",
            "attention.positionQuery": "attention.self.pos_q_proj",
        ]),
        keys: ["type_vocab_size": nil], hasPositionTable: false, settings: debertaSettings, check: debertaProblem,
        preset: { ($0.typeVocabularySize, $0.layerNormEpsilon) = (0, 1e-7) },
        make: { c, key in
            let relative = relativePositions(c, buckets: nil, hasNorm: false, key: key)
            let layers = (0..<c.hiddenLayerCount).map { i in
                let key = key?.folded(with: UInt64(i + 1))
                return PostNormLayer(
                    attention: JoinedDisentangledAttention(c, terms: terms(c), relative: relative, key: key?.folded(with: 0)), c, key: key)
            }
            return TransformerEncoder(c, embeddings: debertaEmbeddings(c, key: key), layers: layers)
        })

    /// DeBERTa-v2 and v3 (He et al. 2021): distances in buckets, projections that positions share, a convolution beside the first layer.
    public static let debertaV2 = EncoderArchitecture(
        "deberta-v2", className: "DebertaV2Model", prefix: "deberta.",
        names: .bert.merging(relativeNames).merging([
            "attention.query": "attention.self.query_proj", "attention.key": "attention.self.key_proj",
            "attention.value": "attention.self.value_proj", "attention.positionKey": "attention.self.pos_key_proj",
            "attention.positionQuery": "attention.self.pos_query_proj", "layers.0.convolution": "encoder.conv.conv",
            "layers.0.convolutionNorm": "encoder.conv.LayerNorm",
        ]),
        keys: ["type_vocab_size": nil], hasPositionTable: false,
        settings: debertaSettings + [
            EncoderSetting.positionBuckets, EncoderSetting.sharesPositionProjections, EncoderSetting.relativeNorm,
            EncoderSetting.convolutionSize, EncoderSetting.convolutionGroups, EncoderSetting.convolutionActivation,
        ],
        check: { c in
            let size = c[.convolutionSize], groups = c[.convolutionGroups]
            if size > 0, size % 2 == 0 { return ("conv_kernel_size", "\(size) is even; supported are odd numbers") }
            if size > 0, c.hiddenSize % groups != 0 {
                return ("conv_groups", "\(groups) groups do not divide hidden_size, \(c.hiddenSize)")
            }
            return debertaProblem(c)
        },
        preset: { ($0.typeVocabularySize, $0.layerNormEpsilon) = (0, 1e-7) },
        make: { c, key in
            let relative = relativePositions(
                c, buckets: c[.positionBuckets] > 0 ? c[.positionBuckets] : nil, hasNorm: c[.relativeNorm].contains("layer_norm"), key: key)
            let layers = (0..<c.hiddenLayerCount).map { i -> any TokenLayer in
                let key = key?.folded(with: UInt64(i + 1))
                let attention = DisentangledAttention(
                    c, terms: terms(c), sharesProjections: c[.sharesPositionProjections], relative: relative, key: key?.folded(with: 0))
                let layer = PostNormLayer(attention: attention, c, key: key)
                guard i == 0, c[.convolutionSize] > 0 else { return layer }
                let convolution = Convolution(
                    inputWidth: c.hiddenSize, outputWidth: c.hiddenSize, kernelSize: c[.convolutionSize],
                    groupCount: c[.convolutionGroups], standardDeviation: c.initializerRange, key: key?.folded(with: 2))
                return ConvolvedLayer(layer, convolution, activation: c[.convolutionActivation], c)
            }
            return TransformerEncoder(c, embeddings: debertaEmbeddings(c, key: key), layers: layers)
        })

    private static let relativeNames: FileNames = [
        "embeddings.inputProjection": "embeddings.embed_proj", "layers.0.attention.relative.table": "encoder.rel_embeddings",
        "layers.0.attention.relative.norm": "encoder.LayerNorm",
    ]

    private static let debertaSettings: [any AnyEncoderSetting] = [
        EncoderSetting.embeddingSize, EncoderSetting.typeCount, EncoderSetting.addsPositions, EncoderSetting.isRelative,
        EncoderSetting.relativeReach, EncoderSetting.positionTerms,
    ]

    @Sendable private static func debertaProblem(_ c: EncoderConfiguration) -> (key: String, problem: String)? {
        let known: Set = ["c2p", "p2c"]
        if let other = terms(c).first(where: { !known.contains($0) }) {
            return ("pos_att_type", "\"\(other)\" is not supported; supported are c2p and p2c")
        }
        for key in ["talking_head", "z_steps"] where ![nil, .null, .bool(false), .integer(0), .integer(1)].contains(c.unknownKeys[key]) {
            return (key, "is not supported")
        }
        return c.maxPositionEmbeddings <= Self.farthest
            ? nil : ("max_position_embeddings", "\(c.maxPositionEmbeddings) is more than \(Self.farthest)")
    }

    fileprivate static let farthest = 1 << 16

    private static func terms(_ c: EncoderConfiguration) -> Set<String> {
        Set(c[.positionTerms]?.words ?? [])
    }

    private static func relativePositions(
        _ c: EncoderConfiguration, buckets: Int?, hasNorm: Bool, key: RandomKey?
    ) -> RelativePositions? {
        guard c[.isRelative] else { return nil }
        let reach = c[.relativeReach] < 1 ? c.maxPositionEmbeddings : c[.relativeReach]
        return RelativePositions(
            .mirrored(side: buckets ?? reach, maximumDistance: buckets == nil ? 0 : reach), hasNorm: hasNorm, c,
            key: key?.folded(with: 1 << 32))
    }

    private static func debertaEmbeddings(_ c: EncoderConfiguration, key: RandomKey?) -> TokenEmbeddings {
        var sizes = c
        sizes.typeVocabularySize = c[.typeCount]
        let width = c[.embeddingSize] ?? c.hiddenSize
        let embeddings = TokenEmbeddings(sizes, width: width, normWidth: c.hiddenSize, key: key?.folded(with: 0)).with(
            inputProjection: width == c.hiddenSize
                ? nil
                : Linear(
                    inputWidth: width, outputWidth: c.hiddenSize, hasBias: false, standardDeviation: c.initializerRange,
                    key: key?.folded(with: 1 << 33)))
        return c[.addsPositions] ? embeddings : embeddings.withoutPositions()
    }
}

/// A list of words, or the words of a text between bars: `c2p|p2c`.
struct WordList: OptionValue {
    let words: [String]

    static var kind: String { "a list of words" }

    init?(json: JSONValue) {
        if let list = [String](json: json) {
            words = list
        } else if case .string(let text) = json {
            words = text.lowercased().split(separator: "|").map { $0.split(separator: " ").joined() }
        } else {
            return nil
        }
    }

    var json: JSONValue { words.json }
}

extension EncoderSetting<WordList?> {
    static let positionTerms = EncoderSetting("pos_att_type", nil)
}

extension EncoderSetting<Bool> {
    /// Whether embeddings of absolute positions are added.
    public static let addsPositions = EncoderSetting("position_biased_input", true)
    /// Whether attention scores relative positions.
    public static let isRelative = EncoderSetting("relative_attention", false)
    /// Whether the projections of keys and queries serve positions, too.
    public static let sharesPositionProjections = EncoderSetting("share_att_key", false)
}

extension EncoderSetting<Int> {
    /// Number of token types; 0: none.
    public static let typeCount = EncoderSetting("type_vocab_size", 0, .count)
    /// The largest distance that is told from farther ones; below 1: as many as there are positions.
    public static let relativeReach = EncoderSetting("max_relative_positions", -1, .reach)
    /// Buckets of distances on either side; below 1: each distance has its own.
    public static let positionBuckets = EncoderSetting("position_buckets", -1, .reach)
    /// Tokens that the convolution sees at once; 0: there is none.
    public static let convolutionSize = EncoderSetting("conv_kernel_size", 0, Bound("from 0 to 99") { (0...99).contains($0) })
    /// Parts of the width that are convolved apart.
    public static let convolutionGroups = EncoderSetting("conv_groups", 1, .size)
}

extension EncoderSetting<String> {
    /// What is done to the vectors of relative positions.
    public static let relativeNorm = EncoderSetting("norm_rel_ebd", "none")
}

extension EncoderSetting<Activation> {
    /// Of the convolution's result.
    public static let convolutionActivation = EncoderSetting("conv_act", .tanh)
}

extension Bound<Int> {
    fileprivate static let reach = Bound("from -1 to \(EncoderArchitecture.farthest)") { (-1...EncoderArchitecture.farthest).contains($0) }
}
