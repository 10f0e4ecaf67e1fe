import CKernels

extension Tensor {
    /// The matrix product, with either operand transposed on the way (nothing is copied for that).
    ///
    /// Both operands have two axes; or both have the same leading batch axes, and matrices are multiplied in
    /// pairs; or `b` alone has two axes and is shared by all rows of `self`.
    ///
    /// - Returns: `[…, M, N]` for `op(self)` of shape `[…, M, K]` and `op(b)` of shape `[…, K, N]`.
    public func matmul(_ b: Tensor, transposingA: Bool = false, transposingB: Bool = false) -> Tensor {
        let a = self
        Kernels.loops("matmul", a, b)
        if a.rank > 2 && b.rank == 2 && !transposingA {
            let rows = a.reshaped([-1, a.shape[a.rank - 1]])
            let product = rows.matmul(b, transposingB: transposingB)
            return product.reshaped(a.shape.dropLast() + [product.shape[1]])
        }
        let value = Kernels.matmul(a, b, transposingA, transposingB)
        return Tape.record(
            "matmul", value: value, from: a, b,
            pullbackA: { dy in
                switch (transposingA, transposingB) {
                case (false, false): dy.matmul(b, transposingB: true)
                case (false, true): dy.matmul(b)
                case (true, false): b.matmul(dy, transposingB: true)
                case (true, true): b.matmul(dy, transposingA: true, transposingB: true)
                }
            },
            pullbackB: { dy in
                switch (transposingA, transposingB) {
                case (false, false): a.matmul(dy, transposingA: true)
                case (false, true): dy.matmul(a, transposingA: true)
                case (true, false): a.matmul(dy)
                case (true, true): dy.matmul(a, transposingA: true, transposingB: true)
                }
            })
    }

    /// `x Wᵀ + b` for rows of inputs: what a fully connected layer computes.
    ///
    /// - Parameters:
    ///   - weight: `[out, in]`, as files store it.
    ///   - bias: `[out]`, or none.
    /// - Returns: `[N, out]` for inputs `[N, in]`.
    public func linear(weight: Tensor, bias: Tensor? = nil) -> Tensor {
        let x = self
        Kernels.loops("linear", x, weight, bias)
        guard let bias else { return x.matmul(weight, transposingB: true) }
        require(
            x.rank == 2 && weight.rank == 2 && bias.shape == [weight.shape[0]], "linear", [x, weight, bias],
            "needs x [N, in], weight [out, in] and bias [out]")
        let value = Kernels.matmul(x, weight, false, true, bias: bias)
        return Tape.recordFused(
            "linear", value: value, from: [x, weight, bias],
            pullback: { dy, wanted in
                [
                    wanted[0] ? .dense(dy.matmul(weight)) : nil,
                    wanted[1] ? .dense(dy.matmul(x, transposingA: true)) : nil,
                    wanted[2] ? .dense(dy.sum(alongAxis: 0)) : nil,
                ]
            }, composed: { $0[0].matmul($0[1], transposingB: true) + $0[2].reshaped([1, -1]) })
    }
}

extension Kernels {
    static func matmul(
        _ a: Tensor, _ b: Tensor, _ transposingA: Bool, _ transposingB: Bool, bias: Tensor? = nil
    ) -> Tensor {
        require(
            a.rank >= 2 && a.rank == b.rank && a.shape.dropLast(2) == b.shape.dropLast(2), "matmul", [a, b],
            "needs matrices, with the same batch axes in front")
        let r = a.rank
        let (m, k) = transposingA ? (a.shape[r - 1], a.shape[r - 2]) : (a.shape[r - 2], a.shape[r - 1])
        let (k2, n) = transposingB ? (b.shape[r - 1], b.shape[r - 2]) : (b.shape[r - 2], b.shape[r - 1])
        require(
            k == k2, "matmul", [a, b],
            "inner lengths \(k) and \(k2) differ"
                + (transposingA || transposingB ? " (transposing \(transposingA ? "A" : "")\(transposingB ? "B" : ""))" : ""))
        let out = Tensor(uninitialized: a.shape.dropLast(2) + [m, n], dtype: a.dtype)
        let (lda, ldb) = (a.shape[r - 1], b.shape[r - 1])
        for batch in 0..<a.shape.dropLast(2).reduce(1, *) {
            switch a.dtype {
            case .float32:
                tap_gemm_f32(
                    transposingA, transposingB, Int64(m), Int64(n), Int64(k), 1,
                    a.elements() + batch * m * k, Int64(lda), b.elements() + batch * k * n, Int64(ldb),
                    0, out.freshElements() + batch * m * n, Int64(n), bias.map { $0.elements(Float.self) })
            case .float64:
                DoubleGEMM.multiply(
                    transposingA, transposingB, m, n, k, a.elements() + batch * m * k, lda,
                    b.elements() + batch * k * n, ldb, out.freshElements() + batch * m * n,
                    bias: bias.map { $0.elements(Double.self) })
            case .int32, .bool:
                shapeError("matmul", [a, b], "needs float32 or float64")
            }
        }
        return out
    }
}
