import Autodiff

/// The non-linear functions that files name, by the names they use.
public enum Activation: String, Sendable, CaseIterable, Layer {
    /// `x Φ(x)`, exact.
    case gelu
    /// `x Φ(x)`, by the hyperbolic tangent.
    case geluNew = "gelu_new"
    /// The same under other names.
    case geluTanh = "gelu_pytorch_tanh", geluFast = "gelu_fast"
    /// `x σ(1.702 x)`.
    case quickGELU = "quick_gelu"
    /// `max(x, 0)`.
    case relu
    /// `max(x, 0)²`, and `min(max(x, 0), 6)`.
    case reluSquared = "relu2", relu6
    /// `x`, or below zero `x / 100`.
    case leakyReLU = "leaky_relu"
    /// `x`, or below zero `eˣ − 1`; and that scaled so that variances stay.
    case elu, selu
    /// `log(1 + eˣ)`, and `−log(1 + e⁻ˣ)`.
    case softplus, logSigmoid = "logsigmoid"
    /// `x / (1 + |x|)`.
    case softsign
    /// `x tanh(log(1 + eˣ))`.
    case mish
    /// `x` within −1 and 1.
    case hardTanh = "hardtanh"
    /// `x / 6 + 1 / 2` within 0 and 1, and `x` times that.
    case hardSigmoid = "hardsigmoid", hardSwish = "hardswish"
    /// `x − tanh(x)`.
    case tanhShrink = "tanhshrink"
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
        case .geluNew, .geluTanh, .geluFast: x.geluTanh()
        case .quickGELU: x * (x * 1.702).sigmoid()
        case .relu: x.relu()
        case .reluSquared: x.relu().square()
        case .relu6: x.clamped(from: 0, to: 6)
        case .leakyReLU: x.relu() - (-x).relu() * 0.01
        case .elu: x.relu() + (x.clamped(to: 0).exp() - 1)
        case .selu: (x.relu() + (x.clamped(to: 0).exp() - 1) * 1.6732632423543772) * 1.0507009873554805
        case .softplus: x.softplus()
        case .logSigmoid: -(-x).softplus()
        case .softsign: x / (x.abs() + 1)
        case .mish: x * x.softplus().tanh()
        case .hardTanh: x.clamped(from: -1, to: 1)
        case .hardSigmoid: (x / 6 + 0.5).clamped(from: 0, to: 1)
        case .hardSwish: x * (x / 6 + 0.5).clamped(from: 0, to: 1)
        case .tanhShrink: x - x.tanh()
        case .silu, .swish: x.silu()
        case .tanh: x.tanh()
        case .sigmoid: x.sigmoid()
        case .identity: x
        }
    }

    public func callAsFunction(_ x: Tensor, in context: Context) -> Tensor { self(x) }
}
