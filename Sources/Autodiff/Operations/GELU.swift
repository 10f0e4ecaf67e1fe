import CKernels

extension Tensor {
    /// The Gaussian error linear unit `x Φ(x)` (Hendrycks & Gimpel 2016), exact.
    public func gelu() -> Tensor { gelu(TAP_GELU, "gelu", tanhForm: false) { $0.composedGELU() } }

    /// Its approximation by the hyperbolic tangent, `½ x (1 + tanh(√(2/π) (x + 0.044715 x³)))`.
    public func geluTanh() -> Tensor { gelu(TAP_GELU_TANH, "geluTanh", tanhForm: true) { $0.composedGELUTanh() } }

    private func gelu(
        _ operation: tap_unary_op, _ name: StaticString, tanhForm: Bool, composed: @escaping (Tensor) -> Tensor
    ) -> Tensor {
        Tape.recordFused(
            name, value: Kernels.unary(operation, self, name), from: [self],
            pullback: { dy, _ in
                [.dense(Kernels.geluBackward(tanhForm: tanhForm, self, dy))]
            }, composed: { composed($0[0]) })
    }

    func composedGELU() -> Tensor {
        self * ((self * 0.5.squareRoot()).erf() + 1) * 0.5
    }

    func composedGELUTanh() -> Tensor {
        let inner = (self + self.pow(3) * 0.044715) * (2 / Double.pi).squareRoot()
        return self * (inner.tanh() + 1) * 0.5
    }
}
