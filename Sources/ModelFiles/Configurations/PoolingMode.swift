/// How token embeddings become one sentence embedding. The order of the cases is the order in which the flags
/// of old configuration files are concatenated.
public enum PoolingMode: String, Sendable, CaseIterable {
    /// The first token.
    case cls
    /// The largest of each number over the tokens.
    case max
    /// The mean of the tokens.
    case mean
    /// The sum over tokens, divided by the square root of their number.
    case meanSqrtLength = "mean_sqrt_len_tokens"
    /// The mean weighted by the position of the token: 1, 2, 3 …
    case weightedMean = "weightedmean"
    /// The last token.
    case lastToken = "lasttoken"

    /// The flag for this mode in configuration files from before version 6.
    var legacyKey: String {
        switch self {
        case .cls: "pooling_mode_cls_token"
        case .max: "pooling_mode_max_tokens"
        case .mean: "pooling_mode_mean_tokens"
        case .meanSqrtLength: "pooling_mode_mean_sqrt_len_tokens"
        case .weightedMean: "pooling_mode_weightedmean_tokens"
        case .lastToken: "pooling_mode_lasttoken"
        }
    }
}
