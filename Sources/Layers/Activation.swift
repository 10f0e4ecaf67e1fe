import Autodiff

/// The non-linear functions that files name, by the names they use.
public enum Activation: String, Sendable, CaseIterable, Layer {
    /// `x Φ(x)`, exact.
    case gelu
    /// `x Φ(x)`, by the hyperbolic tangent.
    case geluNew = "gelu_new"
    /// The same under PyTorch's name.
    case geluTanh = "gelu_pytorch_tanh"
    /// `x σ(1.702 x)`.
    case quickGELU = "quick_gelu"
    /// `max(x, 0)`.
    case relu
    /// `x σ(x)`, under either name.
    case silu, swish
    /// The hyperbolic tangent.
    case tanh
    /// `1 / (1 + e⁻ˣ)`.
    case sigmoid
    /// `x` itself.
    case identity

    /// The function of each element: the shape of `x`, float32 or float64.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        switch self {
        case .gelu: x.gelu()
        case .geluNew, .geluTanh: x.geluTanh()
        case .quickGELU: x * (x * 1.702).sigmoid()
        case .relu: x.relu()
        case .silu, .swish: x.silu()
        case .tanh: x.tanh()
        case .sigmoid: x.sigmoid()
        case .identity: x
        }
    }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
