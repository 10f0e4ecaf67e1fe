import Autodiff

/// What computes `x Wᵀ + b`, however it keeps W and b: in 8 bits, say. ``Module/replaceLayers(_:)`` puts it into a model.
public protocol LinearLayer: Module {
    /// W `[out, in]` and b `[out]` as floats, with which files are written and other implementations begin.
    var floats: (weight: Tensor, bias: Tensor?) { get }

    /// `[N, in]` to `[N, out]`.
    func callAsFunction(_ x: Tensor) -> Tensor

    /// The same with parameters of its own.
    func copied() -> Self
}

/// A fully connected layer of float parameters.
public struct FloatLinear: LinearLayer {
    /// `[out, in]`.
    public let weight: Parameter  // [out, in]
    /// `[out]`, or none.
    public let bias: Parameter?  // [out]

    /// A layer of given parameters.
    public init(weight: Parameter, bias: Parameter? = nil) {
        self.weight = weight
        self.bias = bias
    }

    public var floats: (weight: Tensor, bias: Tensor?) { (weight.value, bias?.value) }

    public func callAsFunction(_ x: Tensor) -> Tensor { x.linear(weight: weight.value, bias: bias?.value) }

    public func copied() -> FloatLinear { FloatLinear(weight: weight.copied(), bias: bias?.copied()) }
}
