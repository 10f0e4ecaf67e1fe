import Autodiff

/// Two fully connected layers with an activation between them, applied to each row.
public struct FeedForward: Layer {
    /// From H to F.
    public let expansion: Linear  // [F, H]
    /// Back from F to H.
    public let contraction: Linear  // [H, F]
    /// Between the two.
    public let activation: Activation
    /// After the activation.
    public let dropout: Dropout

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(
        width: Int, hiddenWidth: Int, hasBias: Bool = true, activation: Activation = .gelu, dropout: Double = 0,
        standardDeviation: Double = 0.02, dtype: DType = .float32, key: RandomKey?
    ) {
        expansion = Linear(
            inputWidth: width, outputWidth: hiddenWidth, hasBias: hasBias, standardDeviation: standardDeviation,
            dtype: dtype, key: key?.folded(with: 0))
        contraction = Linear(
            inputWidth: hiddenWidth, outputWidth: width, hasBias: hasBias, standardDeviation: standardDeviation,
            dtype: dtype, key: key?.folded(with: 1))
        self.activation = activation
        self.dropout = Dropout(dropout)
    }

    /// `[N, H]` for `[N, H]`, without dropout.
    public func callAsFunction(_ x: Tensor) -> Tensor { self(x, in: .inference) }

    /// `[N, H]` for `[N, H]`.
    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        contraction(dropout(activation(expansion(x)), in: context))
    }
}
