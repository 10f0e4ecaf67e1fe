import Autodiff

/// A fully connected layer: `x Wᵀ + b`.
public struct Linear: Layer {
    public let weight: Parameter    // [out, in]
    public let bias: Parameter?     // [out]

    /// Weights from a normal distribution, biases zero; without a key all zero, to be filled from a file.
    public init(
        inputWidth: Int, outputWidth: Int, hasBias: Bool = true, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        weight = .initialized([outputWidth, inputWidth], standardDeviation: standardDeviation, dtype: dtype, key: key)
        bias = hasBias ? Parameter(.zeros([outputWidth], dtype: dtype)) : nil
    }

    public init(weight: Tensor, bias: Tensor? = nil) {
        self.weight = Parameter(weight)
        self.bias = bias.map { Parameter($0) }
    }

    /// - Parameter x: `[N, in]`.
    /// - Returns: `[N, out]`.
    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight.value, bias: bias?.value) }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
