import Autodiff

/// Layer normalization with a learned scale and shift (Ba et al. 2016).
public struct LayerNorm: Layer {
    /// γ: `[D]`.
    public let weight: Parameter  // [D]
    /// β: `[D]`.
    public let bias: Parameter  // [D]
    /// What is added to the variance.
    public let epsilon: Double

    /// Weights of one, biases of zero.
    public init(width: Int, epsilon: Double = 1e-12, dtype: DType = .float32) {
        weight = Parameter(.ones([width], dtype: dtype))
        bias = Parameter(.zeros([width], dtype: dtype))
        self.epsilon = epsilon
    }

    /// - Parameter x: `[N, D]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        x.layerNorm(scale: weight.value, shift: bias.value, epsilon: epsilon)
    }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
