import CKernels

// Elementary functions, element by element: same shape and dtype as the operand.
extension Tensor {
    public func abs() -> Tensor {
        let x = self
        return Tape.record("abs", value: Kernels.unary(TAP_ABS, x, "abs"), from: x) { dy in dy * x.sign() }
    }

    /// −1, 0 or 1. A constant: the derivative is zero wherever it exists.
    public func sign() -> Tensor { Kernels.unary(TAP_SIGN, self, "sign") }

    public func exp() -> Tensor {
        Tape.record("exp", value: Kernels.unary(TAP_EXP, self, "exp"), from: self) { y, dy in dy * y }
    }

    /// The natural logarithm.
    public func log() -> Tensor {
        let x = self
        return Tape.record("log", value: Kernels.unary(TAP_LOG, x, "log"), from: x) { dy in dy / x }
    }

    /// ln(1 + x), accurate for small x.
    public func log1p() -> Tensor {
        let x = self
        return Tape.record("log1p", value: Kernels.unary(TAP_LOG1P, x, "log1p"), from: x) { dy in dy / (x + 1) }
    }

    /// The square root. The gradient at zero is infinite; clamp or add before, where zeros occur.
    public func sqrt() -> Tensor {
        Tape.record("sqrt", value: Kernels.unary(TAP_SQRT, self, "sqrt"), from: self) { y, dy in dy / (y * 2) }
    }

    public func reciprocal() -> Tensor {
        Tape.record("reciprocal", value: Kernels.unary(TAP_RECIPROCAL, self, "reciprocal"), from: self) { y, dy in -(dy * y * y) }
    }

    public func square() -> Tensor {
        let x = self
        return Tape.record("square", value: Kernels.unary(TAP_SQUARE, x, "square"), from: x) { dy in dy * x * 2 }
    }

    public func sin() -> Tensor {
        let x = self
        return Tape.record("sin", value: Kernels.unary(TAP_SIN, x, "sin"), from: x) { dy in dy * x.cos() }
    }

    public func cos() -> Tensor {
        let x = self
        return Tape.record("cos", value: Kernels.unary(TAP_COS, x, "cos"), from: x) { dy in -(dy * x.sin()) }
    }

    public func tanh() -> Tensor {
        Tape.record("tanh", value: Kernels.unary(TAP_TANH, self, "tanh"), from: self) { y, dy in dy - dy * y * y }
    }

    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() -> Tensor {
        Tape.record("sigmoid", value: Kernels.unary(TAP_SIGMOID, self, "sigmoid"), from: self) { y, dy in dy * (y - y * y) }
    }

    /// The error function.
    public func erf() -> Tensor {
        let x = self
        return Tape.record("erf", value: Kernels.unary(TAP_ERF, x, "erf"), from: x) { dy in
            dy * (-x.square()).exp() * (2 / Double.pi.squareRoot())
        }
    }

    /// The larger of x and 0; the gradient at 0 is 0.
    public func relu() -> Tensor {
        let x = self
        return Tape.record("relu", value: Kernels.unary(TAP_RELU, x, "relu"), from: x) { dy in
            dy.filled(with: 0, where: x.detached() .<= 0)
        }
    }

    /// ln(1 + eˣ), evaluated as x above 20.
    public func softplus() -> Tensor {
        let x = self
        return Tape.record("softplus", value: Kernels.unary(TAP_SOFTPLUS, x, "softplus"), from: x) { dy in dy * x.sigmoid() }
    }

    /// x σ(x).
    public func silu() -> Tensor {
        Kernels.loops("silu", self)
        return self * sigmoid()
    }

    /// Elements outside of `lowest ... highest` become the nearer bound; no gradient flows through those.
    public func clamped(from lowest: Double = -.infinity, to highest: Double = .infinity) -> Tensor {
        let x = self
        Kernels.loops("clamped", x)
        var value = x.detached()
        if lowest > -.infinity { value = Kernels.binary(TAP_MAX, value, lowest, "clamped") }
        if highest < .infinity { value = Kernels.binary(TAP_MIN, value, highest, "clamped") }
        return Tape.record("clamped", value: value, from: x) { dy in
            let constant = x.detached()
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
}
