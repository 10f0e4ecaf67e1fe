import CKernels

extension Tensor {
    /// Layer normalization of rows (Ba et al. 2016): `(x − mean) / √(variance + ε) · γ + β`, with the population
    /// variance of each row.
    ///
    /// - Parameters:
    ///   - scale: γ, `[D]`.
    ///   - shift: β, `[D]`.
    ///   - epsilon: Added to the variance.
    /// - Returns: `[N, D]`, like the operand.
    public func layerNorm(scale: Tensor, shift: Tensor, epsilon: Double) -> Tensor {
        let x = self
        Kernels.loops("layerNorm", x, scale, shift)
        require(
            rank == 2 && scale.shape == [shape[1]] && shift.shape == scale.shape, "layerNorm", [x, scale, shift],
            "needs x [N, D], scale [D] and shift [D]")
        let result = Kernels.layerNorm(x, scale, shift, epsilon)
        return Tape.recordFused(
            "layerNorm", value: result.y, from: [x, scale, shift],
            pullback: { dy, wanted in
                let dx = wanted[0] ? Kernels.layerNormBackward(x, scale, result, dy) : nil
                let parameters = wanted[1] || wanted[2] ? Kernels.layerNormParameters(x, result, dy) : nil
                return [dx.map { .dense($0) }, parameters.map { .dense($0.scale) }, parameters.map { .dense($0.shift) }]
            }, composed: { $0[0].composedLayerNorm(scale: $0[1], shift: $0[2], epsilon: epsilon) })
    }

    func composedLayerNorm(scale: Tensor, shift: Tensor, epsilon: Double) -> Tensor {
        let centered = self - mean(alongAxis: 1, keepingAxis: true)
        let variance = centered.square().mean(alongAxis: 1, keepingAxis: true)
        return centered / (variance + epsilon).sqrt() * scale.reshaped([1, -1]) + shift.reshaped([1, -1])
    }

    /// Rows divided by their Euclidean length, or by `epsilon` where that is larger. Along the last axis.
    ///
    /// Where the clamp is active the divisor is a constant: the derivative at the zero vector is `dy / epsilon`.
    public func normalized(epsilon: Double = 1e-12) -> Tensor {
        Kernels.loops("normalized", self)
        return self / norm(alongAxis: -1, keepingAxis: true).clamped(from: epsilon)
    }
}

extension Kernels {
    struct LayerNormResult { var y, mean, inverseDeviation: Tensor }

    static func layerNorm(_ x: Tensor, _ scale: Tensor, _ shift: Tensor, _ epsilon: Double) -> LayerNormResult {
        let (loops, rows, width) = (loops("layerNorm", x, scale, shift), x.shape[0], x.shape[1])
        let result = LayerNormResult(
            y: Tensor(uninitialized: x.shape, dtype: x.dtype), mean: Tensor(uninitialized: [rows], dtype: x.dtype),
            inverseDeviation: Tensor(uninitialized: [rows], dtype: x.dtype))
        Parallel.forRanges(rows, grain: max(1, grain / 2 / max(1, width))) { range in
            let (row, first, n, w) = (range.lowerBound, range.lowerBound * width, Int64(range.count), Int64(width))
            loops.layer_norm(
                x.at(first), scale.bytes, shift.bytes, epsilon, result.y.at(first), result.mean.at(row),
                result.inverseDeviation.at(row), n, w)
        }
        return result
    }

    static func layerNormBackward(_ x: Tensor, _ scale: Tensor, _ result: LayerNormResult, _ dy: Tensor) -> Tensor {
        let (loops, width) = (loops("layerNorm", x, dy), x.shape[1])
        let dx = Tensor(uninitialized: x.shape, dtype: x.dtype)
        let (mean, deviation) = (result.mean, result.inverseDeviation)
        Parallel.forRanges(x.shape[0], grain: max(1, grain / 2 / max(1, width))) { range in
            let (row, first, n, w) = (range.lowerBound, range.lowerBound * width, Int64(range.count), Int64(width))
            loops.layer_norm_backward(x.at(first), scale.bytes, mean.at(row), deviation.at(row), dy.at(first), dx.at(first), n, w)
        }
        return dx
    }

    static func layerNormParameters(
        _ x: Tensor, _ result: LayerNormResult, _ dy: Tensor
    ) -> (scale: Tensor, shift: Tensor) {
        let (loops, width) = (loops("layerNorm", x, dy), x.shape[1])
        let (mean, deviation) = (result.mean, result.inverseDeviation)
        let dScale = Tensor(uninitialized: [width], dtype: x.dtype)
        let dShift = Tensor(uninitialized: [width], dtype: x.dtype)
        // Threads share columns, not rows: each sum is made in one order.
        Parallel.forRanges(width, grain: max(64, grain / max(1, x.shape[0]))) { range in
            let (rows, w) = (Int64(x.shape[0]), Int64(width))
            let (first, last) = (Int64(range.lowerBound), Int64(range.upperBound))
            loops.layer_norm_parameters(
                x.bytes, mean.bytes, deviation.bytes, dy.bytes, dScale.bytes, dShift.bytes,
                rows, w, first, last)
        }
        return (dScale, dShift)
    }
}
