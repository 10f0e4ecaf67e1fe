import Autodiff

/// The non-linear functions that files name, by the names they use.
public enum Activation: String, Sendable, CaseIterable, Layer {
    case gelu
    case geluNew = "gelu_new"
    case geluTanh = "gelu_pytorch_tanh"
    case quickGELU = "quick_gelu"
    case relu
    case silu, swish
    case tanh
    case sigmoid
    case identity

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
