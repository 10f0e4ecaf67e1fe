import Autodiff

/// Divides each row by its root mean square, with a learned scale (Zhang and Sennrich 2019): no mean is subtracted.
public struct RMSNorm: Layer {
    /// γ: `[D]`.
    public let weight: Parameter  // [D]
    /// What is added to the mean of squares.
    public let epsilon: Double
    /// What is added to γ: 1 in models whose weights are kept around 0.
    public let offset: Double

    /// Weights such that nothing is scaled.
    public init(width: Int, epsilon: Double = 1e-6, offset: Double = 0, dtype: DType = .float32) {
        weight = Parameter(offset == 1 ? .zeros([width], dtype: dtype) : .ones([width], dtype: dtype))
        self.epsilon = epsilon
        self.offset = offset
    }

    /// - Parameter x: `[N, D]`.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        let scale = offset == 0 ? weight.value : weight.value + offset
        return x / (x.square().mean(alongAxis: 1, keepingAxis: true) + epsilon).sqrt() * scale.reshaped([1, -1])
    }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
