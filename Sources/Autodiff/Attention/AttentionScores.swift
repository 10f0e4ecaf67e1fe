/// How attention scores a key for a query: `scale · q·k + bias`, or not at all where the key is not seen.
///
/// Positions are counted from 0 in each sequence; the relative position of a key is its position minus the query's.
///
/// ```swift
/// AttentionScores()                                                       // BERT
/// AttentionScores(scale: 1, bias: DistanceBias(table, .logarithmic()))    // T5
/// AttentionScores(window: -64...64, rotation: RotaryEmbedding(width: 64)) // a local layer of ModernBERT
/// ```
public struct AttentionScores: Sendable {
    /// What products of queries and keys are multiplied by; 1/√d if nil.
    public var scale: Double?
    /// A query sees the key at its own position and those before it only.
    public var isCausal: Bool
    /// The relative positions that are seen; all if nil.
    public var window: ClosedRange<Int>?
    /// Turns queries and keys by their positions before they are multiplied.
    public var rotation: RotaryEmbedding?
    /// A number for each head and relative position that is added.
    public var bias: DistanceBias?
    /// What content and relative position add before the scores are scaled. Sequences are then their own keys, with as many key
    /// heads as heads.
    public var positions: PositionProjections?
    /// Scores s become c · tanh(s / c) before a bias is added; nil: they stay.
    public var softCap: Double?

    /// Scores by their parts; those left out are not applied.
    public init(
        scale: Double? = nil, isCausal: Bool = false, window: ClosedRange<Int>? = nil, rotation: RotaryEmbedding? = nil,
        bias: DistanceBias? = nil, positions: PositionProjections? = nil, softCap: Double? = nil
    ) {
        self.scale = scale
        self.isCausal = isCausal
        self.window = window
        self.rotation = rotation
        self.bias = bias
        self.positions = positions
        self.softCap = softCap
    }

    /// Whether there is a kernel for it; the rest is composed.
    var hasKernel: Bool { positions == nil && softCap == nil }

    /// The smallest and the largest relative position that is seen; nil where there is no bound.
    var lowest: Int? { window?.lowerBound }
    var highest: Int? { isCausal ? min(0, window?.upperBound ?? 0) : window?.upperBound }

    func sees(_ relativePosition: Int) -> Bool {
        relativePosition >= lowest ?? .min && relativePosition <= highest ?? .max
    }
}
