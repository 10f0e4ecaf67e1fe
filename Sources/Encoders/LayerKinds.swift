import Autodiff
import JSON
import Options

/// Whether a layer sees all tokens, or near ones only.
enum LayerKind: String {
    case global = "full_attention", local = "sliding_attention"
}

/// Where the base of a rotation's angles stands where no newer key says it.
struct RotationBases: Sendable {
    let global, local: EncoderSetting<Double>

    func callAsFunction(_ kind: LayerKind) -> EncoderSetting<Double> { kind == .global ? global : local }
}

extension EncoderSetting<[String]?> {
    /// For each layer, whether it sees all tokens or near ones.
    static let layerKinds = EncoderSetting(
        "layer_types", nil, Bound("of \"full_attention\" and \"sliding_attention\"") { LayerKind(rawValue: $0) != nil })
}

extension EncoderConfiguration {
    /// For each layer, whether it sees all tokens: by the list, or by a rule where there is none.
    func layerKinds(_ isGlobal: (_ layer: Int) -> Bool) -> [LayerKind] {
        let listed = self[.layerKinds]?.compactMap(LayerKind.init)
        return (0..<hiddenLayerCount).map { i in
            listed.map { i < $0.count ? $0[i] : .global } ?? (isGlobal(i) ? .global : .local)
        }
    }

    /// How queries and keys of a layer turn by their positions.
    ///
    /// Newer files have `rope_parameters`, for all layers or for each kind of them; older ones `rope_theta` or the like, and
    /// `rope_scaling`.
    ///
    /// - Parameters:
    ///   - kind: Of the layer.
    ///   - width: Of a head.
    ///   - bases: The older keys.
    func rotation(_ kind: LayerKind, width: Int, _ bases: RotationBases) -> RotaryEmbedding {
        let row = rotationParameters(kind)
        let theta = row["rope_theta"]?.doubleValue ?? self[bases(kind)]
        let whole = RotaryEmbedding(
            width: Int(Double(width) * (row["partial_rotary_factor"]?.doubleValue ?? 1)) / 2 * 2, theta: theta)
        let factor = row["factor"]?.doubleValue ?? 1
        switch Self.rotationType(row) {
        case "linear": return RotaryEmbedding(inverseFrequencies: whole.inverseFrequencies.map { $0 / factor })
        case "llama3":
            // Slow turns are slowed down by the factor, fast ones are left, and those between go over from one to the other.
            let low = row["low_freq_factor"]?.doubleValue ?? 1, high = row["high_freq_factor"]?.doubleValue ?? 4
            let length = row["original_max_position_embeddings"]?.doubleValue ?? Double(maxPositionEmbeddings)
            return RotaryEmbedding(
                inverseFrequencies: whole.inverseFrequencies.map { frequency in
                    let turns = length * frequency / (2 * .pi)
                    let share = max(0, min(1, (turns - low) / (high - low)))
                    return (1 - share) * frequency / factor + share * frequency
                })
        default: return whole
        }
    }

    private static func rotationType(_ row: JSONObject) -> String {
        for key in ["rope_type", "type"] { if case .string(let type)? = row[key] { return type } }
        return "default"
    }

    private func rotationParameters(_ kind: LayerKind) -> JSONObject {
        if case .object(let all)? = unknownKeys["rope_parameters"] {
            if case .object(let own)? = all[kind.rawValue] { return own }
            return all
        }
        if kind == .global, case .object(let scaling)? = unknownKeys["rope_scaling"] { return scaling }
        return JSONObject()
    }

    /// What is not computed of the rotations that a configuration asks for.
    fileprivate func rotationProblem(_ bases: RotationBases) -> (key: String, problem: String)? {
        let key = unknownKeys["rope_parameters"] ?? .null == .null ? "rope_scaling" : "rope_parameters"
        for kind in [LayerKind.global, .local] {
            let row = rotationParameters(kind), type = Self.rotationType(row)
            guard ["default", "linear", "llama3"].contains(type) else {
                return (key, "a rotation of type \"\(type)\" is not supported; supported are default, linear and llama3")
            }
            for name in ["rope_theta", "factor", "original_max_position_embeddings", "partial_rotary_factor"] {
                guard let value = row[name], value != .null else { continue }
                guard let number = value.doubleValue, number > 0, number.isFinite, name != "partial_rotary_factor" || number <= 1 else {
                    return (key, "\(name) is \(value.kindName), which turns nothing")
                }
            }
        }
        return nil
    }
}

extension EncoderArchitecture {
    static func rotationProblem(_ c: EncoderConfiguration, _ bases: RotationBases) -> (key: String, problem: String)? {
        c.rotationProblem(bases)
    }

    static func layerKindProblem(_ c: EncoderConfiguration) -> (key: String, problem: String)? {
        guard let kinds = c[.layerKinds], kinds.count != c.hiddenLayerCount else { return nil }
        return ("layer_types", "\(kinds.count) kinds do not fit \(c.hiddenLayerCount) layers")
    }
}
