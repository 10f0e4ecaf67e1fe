import CKernels

extension Tensor {
    /// The Gaussian error linear unit `x Φ(x)` (Hendrycks & Gimpel 2016), exact.
    public func gelu() -> Tensor {
        let x = self
        return Tape.recordFused("gelu", value: Kernels.unary(TAP_GELU, x, "gelu"), from: [x], pullback: { dy, _ in
            [.dense(Kernels.geluBackward(tanhForm: false, x, dy))]
        }, composed: { $0[0].composedGELU() })
    }

    /// Its approximation by the hyperbolic tangent, `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
    public func geluTanh() -> Tensor {
        let x = self
        return Tape.recordFused("geluTanh", value: Kernels.unary(TAP_GELU_TANH, x, "geluTanh"), from: [x], pullback: { dy, _ in
            [.dense(Kernels.geluBackward(tanhForm: true, x, dy))]
        }, composed: { $0[0].composedGELUTanh() })
    }

    func composedGELU() -> Tensor {
        self * ((self * 0.5.squareRoot()).erf() + 1) * 0.5
    }

    func composedGELUTanh() -> Tensor {
        let inner = (self + self.pow(3) * 0.044715) * (2 / Double.pi).squareRoot()
        return self * (inner.tanh() + 1) * 0.5
    }
}
