import CKernels

extension Tensor {
    /// Soft-max along the last axis: rows of non-negative numbers that sum to one.
    ///
    /// - Returns: The shape and dtype of `self`.
    /// - Precondition: float32 or float64, rank 1 or more.
    public func softmax() -> Tensor {
        Tape.record("softmax", value: Kernels.softmax(self, logarithm: false, "softmax"), from: self) { y, dy in
            y * (dy - (y * dy).sum(alongAxis: -1, keepingAxis: true))
        }
    }

    /// The logarithm of the soft-max along the last axis.
    public func logSoftmax() -> Tensor {
        Tape.record("logSoftmax", value: Kernels.softmax(self, logarithm: true, "logSoftmax"), from: self) { y, dy in
            dy - y.exp() * dy.sum(alongAxis: -1, keepingAxis: true)
        }
    }

    /// Mean over the rows of `ln Σⱼ exp(zᵢⱼ) − zᵢₜ`, t the row's target. A logit of −∞ is a removed candidate.
    ///
    /// - Parameter targets: `[B]`, int32, each a column of the logits `[B, C]`.
    /// - Returns: A scalar.
    public func crossEntropy(targets: Tensor) -> Tensor {
        let logits = self
        Kernels.loops("crossEntropy", logits)
        require(
            rank == 2 && targets.dtype == .int32 && targets.shape == [shape[0]], "crossEntropy", [logits, targets],
            "needs logits [B, C] and int32 targets [B]")
        let (logSumExp, value) = Kernels.crossEntropy(logits, targets)
        return Tape.recordFused(
            "crossEntropy", value: value, from: [logits],
            pullback: { dy, _ in
                [.dense(Kernels.crossEntropyBackward(logits, targets, logSumExp, scale: dy.item / Double(logits.shape[0])))]
            }, composed: { $0[0].composedCrossEntropy(targets: targets) })
    }

    func composedCrossEntropy(targets: Tensor) -> Tensor {
        (logSumExp() - takingAlongLastAxis(targets.reshaped([shape[0], 1])).reshaped([shape[0]])).mean()
    }
}

extension Kernels {
    static func softmax(_ x: Tensor, logarithm: Bool, _ name: StaticString) -> Tensor {
        let loops = loops(name, x)
        require(x.rank >= 1, name, [x], "needs an axis")
        let out = Tensor(uninitialized: x.shape, dtype: x.dtype)
        let n = x.shape[x.rank - 1]
        guard n > 0 else { return out }
        Parallel.forRanges(x.count / n, grain: max(1, grain / 4 / n)) { range in
            let first = range.lowerBound * n
            loops.softmax(logarithm, x.at(first), out.at(first), Int64(range.count), Int64(n))
        }
        return out
    }

    static func crossEntropy(_ logits: Tensor, _ targets: Tensor) -> (logSumExp: Tensor, mean: Tensor) {
        let logits = logits.detached()
        let width = logits.shape[1]
        for target in targets.indices {
            require(target >= 0 && target < width, "crossEntropy", [logits, targets], "there is no column \(target)")
        }
        let logSumExp = logits.logSumExp()
        let picked = logits.takingAlongLastAxis(targets.reshaped([targets.count, 1]))
        return (logSumExp, (logSumExp - picked.reshaped([targets.count])).mean())
    }

    /// `scale * (softmax(z) − onehot(t))`.
    static func crossEntropyBackward(_ logits: Tensor, _ targets: Tensor, _ logSumExp: Tensor, scale: Double) -> Tensor {
        var gradient = (logits.detached() - logSumExp.reshaped([logits.shape[0], 1])).exp() * scale
        let picked = Tensor(repeating: -scale, shape: targets.shape, dtype: gradient.dtype)
        loops("crossEntropy", gradient).scatter_add_columns(
            gradient.uniqueBytes(), targets.elements(), picked.bytes, Int64(targets.count), Int64(logits.shape[1]), 1)
        return gradient
    }
}
