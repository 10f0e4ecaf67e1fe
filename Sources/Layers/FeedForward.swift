import Autodiff

/// Two fully connected layers with an activation between them, applied to each row.
public struct FeedForward: Layer {
    /// From H to F.
    public let expansion: Linear  // [F, H]
    /// Back from F to H.
    public let contraction: Linear  // [H, F]
    /// Between the two.
    public let activation: Activation

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(
        width: Int, hiddenWidth: Int, activation: Activation = .gelu, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        expansion = Linear(
            inputWidth: width, outputWidth: hiddenWidth, standardDeviation: standardDeviation,
            dtype: dtype, key: key?.folded(with: 0))
        contraction = Linear(
            inputWidth: hiddenWidth, outputWidth: width, standardDeviation: standardDeviation,
            dtype: dtype, key: key?.folded(with: 1))
        self.activation = activation
    }

    /// `[N, H]` for `[N, H]`.
    public func callAsFunction(_ x: Tensor) -> Tensor { contraction(activation(expansion(x))) }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
