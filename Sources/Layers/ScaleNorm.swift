import Autodiff

/// Layer normalization with a learned scale alone: without a shift.
public struct ScaleNorm: Layer {
    /// γ: `[D]`.
    public let weight: Parameter  // [D]
    /// What is added to the variance.
    public let epsilon: Double

    /// Weights of one.
    public init(width: Int, epsilon: Double = 1e-5, dtype: DType = .float32) {
        weight = Parameter(.ones([width], dtype: dtype))
        self.epsilon = epsilon
    }

    /// - Parameter x: `[N, D]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let scale = weight.value
        return x.layerNorm(scale: scale, shift: .zeros(scale.shape, dtype: scale.dtype), epsilon: epsilon)
    }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
