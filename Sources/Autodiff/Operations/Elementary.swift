import CKernels

// Elementary functions, element by element: same shape and dtype as the operand.
extension Tensor {
    /// Absolute values; the derivative at zero is zero. Traps for int32 and bool; so do all operations here but `cast`.
    public func abs() -> Tensor { unary(TAP_ABS, "abs") { dy in dy * sign() } }

    /// −1, 0 or 1. A constant: the derivative is zero wherever it exists.
    public func sign() -> Tensor { Kernels.unary(TAP_SIGN, self, "sign") }

    /// e to the power of each element.
    public func exp() -> Tensor { unary(TAP_EXP, "exp") { y, dy in dy * y } }

    /// The natural logarithm.
    public func log() -> Tensor { unary(TAP_LOG, "log") { dy in dy / self } }

    /// ln(1 + x), accurate for small x.
    public func log1p() -> Tensor { unary(TAP_LOG1P, "log1p") { dy in dy / (self + 1) } }

    /// The square root. The gradient at zero is infinite; clamp or add before, where zeros occur.
    public func sqrt() -> Tensor { unary(TAP_SQRT, "sqrt") { y, dy in dy / (y * 2) } }

    /// One divided by each element.
    public func reciprocal() -> Tensor { unary(TAP_RECIPROCAL, "reciprocal") { y, dy in -(dy * y * y) } }

    /// Each element times itself.
    public func square() -> Tensor { unary(TAP_SQUARE, "square") { dy in dy * self * 2 } }

    /// The sine of each element, in radians.
    public func sin() -> Tensor { unary(TAP_SIN, "sin") { dy in dy * cos() } }

    /// The cosine of each element, in radians.
    public func cos() -> Tensor { unary(TAP_COS, "cos") { dy in -(dy * sin()) } }

    /// The hyperbolic tangent of each element.
    public func tanh() -> Tensor { unary(TAP_TANH, "tanh") { y, dy in dy - dy * y * y } }

    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor { unary(TAP_SIGMOID, "sigmoid") { y, dy in dy * (y - y * y) } }

    /// The error function.
    public func erf() -> Tensor { unary(TAP_ERF, "erf") { dy in dy * (-square()).exp() * (2 / Double.pi.squareRoot()) } }

    /// The larger of x and 0; the gradient at 0 is 0.
    public func relu() -> Tensor { unary(TAP_RELU, "relu") { dy in dy.filled(with: 0, where: detached() .<= 0) } }

    /// ln(1 + eˣ), evaluated as x above 20.
    public func softplus() -> Tensor { unary(TAP_SOFTPLUS, "softplus") { dy in dy * sigmoid() } }

    /// x σ(x).
    public func silu() -> Tensor {
        Kernels.loops("silu", self)
        return self * sigmoid()
    }

    /// Elements outside of `lowest ... highest` become the nearer bound; no gradient flows through those.
    public func clamped(from lowest: Double = -.infinity, to highest: Double = .infinity) -> Tensor {
        Kernels.loops("clamped", self)
        var value = detached()
        if lowest > -.infinity { value = Kernels.binary(TAP_MAX, value, lowest, "clamped") }
        if highest < .infinity { value = Kernels.binary(TAP_MIN, value, highest, "clamped") }
        return Tape.record("clamped", value: value, from: self) { dy in
            let constant = detached()
            return dy.filled(with: 0, where: (constant .< lowest) | (constant .> highest))
        }
    }

    /// The same numbers as another dtype; from float32 to float64 and back the gradient is converted too. Numbers that are
    /// cut to whole ones or to booleans are constants: the derivative is zero wherever it exists.
    public func cast(to dtype: DType) -> Tensor {
        if dtype == self.dtype { return self }
        let original = self.dtype
        let value = Kernels.cast(self, to: dtype)
        guard original.isFloatingPoint && dtype.isFloatingPoint else { return value }
        return Tape.record("cast", value: value, from: self) { dy in dy.cast(to: original) }
    }

    /// An operation whose pullback looks at its operand.
    @inline(__always)
    func unary(_ operation: tap_unary_op, _ name: StaticString, pullback: @escaping (_ dy: Tensor) -> Tensor) -> Tensor {
        Tape.record(name, value: Kernels.unary(operation, self, name), from: self, pullback: pullback)
    }

    /// An operation whose pullback looks at its result.
    @inline(__always)
    private func unary(
        _ operation: tap_unary_op, _ name: StaticString, pullback: @escaping (_ y: Tensor, _ dy: Tensor) -> Tensor
    ) -> Tensor {
        Tape.record(name, value: Kernels.unary(operation, self, name), from: self, pullback: pullback)
    }
}
