import Autodiff

/// A fully connected layer whose numbers are multiplied by those of an activated one, and one back (Shazeer 2020,
/// arXiv:2002.05202): `W₂ (f(G x) · W₁ x)`.
public struct GatedFeedForward: Layer {
    /// G and W₁, from H to F.
    public let gate, input: Linear  // [F, H] each
    /// W₂, back from F to H.
    public let contraction: Linear  // [H, F]
    /// f.
    public let activation: Activation
    /// Before W₂.
    public let dropout: Dropout

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(
        width: Int, hiddenWidth: Int, hasBias: Bool = false, activation: Activation = .silu, dropout: Double = 0,
        standardDeviation: Double = 0.02, dtype: DType = .float32, key: RandomKey?
    ) {
        func linear(_ inputWidth: Int, _ outputWidth: Int, _ number: UInt64) -> Linear {
            Linear(
                inputWidth: inputWidth, outputWidth: outputWidth, hasBias: hasBias, standardDeviation: standardDeviation,
                dtype: dtype, key: key?.folded(with: number))
        }
        gate = linear(width, hiddenWidth, 0)
        input = linear(width, hiddenWidth, 1)
        contraction = linear(hiddenWidth, width, 2)
        self.activation = activation
        self.dropout = Dropout(dropout)
    }

    /// `[N, H]` for `[N, H]`.
    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        contraction(dropout(activation(gate(x)) * input(x), in: context))
    }
}

/// The same with G and W₁ one upon the other in one matrix.
public struct JoinedGatedFeedForward: Layer {
    /// G, then W₁.
    public let expansion: Linear  // [2F, H]
    /// W₂.
    public let contraction: Linear  // [H, F]
    /// Of what G gives.
    public let activation: Activation
    /// Before W₂.
    public let dropout: Dropout

    /// Weights from a normal distribution; without a key all zero, to be filled from a file.
    public init(
        width: Int, hiddenWidth: Int, hasBias: Bool = false, activation: Activation = .gelu, dropout: Double = 0,
        standardDeviation: Double = 0.02, dtype: DType = .float32, key: RandomKey?
    ) {
        expansion = Linear(
            inputWidth: width, outputWidth: 2 * hiddenWidth, hasBias: hasBias, standardDeviation: standardDeviation, dtype: dtype,
            key: key?.folded(with: 0))
        contraction = Linear(
            inputWidth: hiddenWidth, outputWidth: width, hasBias: hasBias, standardDeviation: standardDeviation, dtype: dtype,
            key: key?.folded(with: 1))
        self.activation = activation
        self.dropout = Dropout(dropout)
    }

    /// `[N, H]` for `[N, H]`.
    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor {
        let all = expansion(x), half = all.shape[1] / 2
        let parts = all.split(lengths: [half, half], alongAxis: 1)
        return contraction(dropout(activation(parts[0]) * parts[1], in: context))
    }
}
