import CKernels

extension Tensor {
    /// One AdamW update in place (Loshchilov & Hutter 2019), in one pass over the memory.
    ///
    /// `p ← p (1 − lr·wd)`, `m ← β₁ m + (1 − β₁) g`, `v ← β₂ v + (1 − β₂) g²`,
    /// `p ← p − lr · m̂ / (√v̂ + ε)`, with the bias corrections of step `step`.
    ///
    /// - Parameters:
    ///   - gradient: Of this tensor's shape. Rows that it leaves out count as zero, exactly.
    ///   - gradientScale: The gradient is multiplied by this first: the clipping coefficient.
    ///   - firstMoment: m; zeros before the first step.
    ///   - secondMoment: v; zeros before the first step.
    ///   - liveRows: For row-sparse gradients: which rows ever had a gradient. The moments of all others are zero, so
    ///     that without weight decay there is nothing to do for them. Empty before the first step.
    ///   - learningRate: Of this step.
    ///   - beta1: Decay of the mean gradient.
    ///   - beta2: Decay of the mean squared gradient.
    ///   - epsilon: Added to the root.
    ///   - weightDecay: Decoupled from the gradient.
    ///   - step: 1 for the first update.
    public mutating func applyAdamW(
        gradient: Gradient, gradientScale: Double, firstMoment: inout Tensor, secondMoment: inout Tensor,
        liveRows: inout [Bool], learningRate: Double, beta1: Double, beta2: Double, epsilon: Double,
        weightDecay: Double, step: Int
    ) {
        let loops = Kernels.loops("applyAdamW", self, firstMoment, secondMoment)
        require(
            gradient.shape == shape && firstMoment.shape == shape && secondMoment.shape == shape
                && gradient.dtype == dtype, "applyAdamW", [self, firstMoment, secondMoment],
            "the gradient is \(gradient.dtype)\(gradient.shape)")
        Tape.forbid(.applyAdamW, self)
        let (bias1, rootOfBias2) = (1 - power(beta1, step), (1 - power(beta2, step)).squareRoot())
        let (p, m, v) = (uniqueBytes(), firstMoment.uniqueBytes(), secondMoment.uniqueBytes())
        let size = dtype.byteCount
        func update(_ first: Int, _ gradient: UnsafeMutableRawPointer?, _ n: Int) {
            let i = first * size
            loops.adamw(
                p + i, m + i, v + i, gradient, Int64(n), gradientScale, learningRate, beta1, beta2, epsilon, weightDecay,
                bias1, rootOfBias2)
        }
        switch gradient {
        case .dense(let gradient):
            liveRows = []
            Parallel.forRanges(count, grain: Kernels.grain) { update($0.lowerBound, gradient.at($0.lowerBound), $0.count) }
        case .rows(let rows):
            let rows = rows.coalesced()
            let positions = RowPositions(rows, isFirst: step == 1, liveRows: &liveRows)
            let (width, live) = (shape[1], liveRows)
            Parallel.forRanges(shape[0], grain: 512) { range in
                for row in range where weightDecay != 0 || live[row] {
                    let position = Int(positions[row])
                    update(row * width, position < 0 ? nil : rows.values.at(position * width), width)
                }
            }
        }
    }

    /// Zeros whose memory the operating system provides as it is first written: for the moments of a large table
    /// of which training touches few rows.
    public static func zerosOnDemand(_ shape: [Int], dtype: DType) -> Tensor {
        let memory = ZeroPages(byteCount: shape.product * dtype.byteCount)
        return Tensor(sharing: memory.address, shape: shape, dtype: dtype, owner: memory, isExclusive: true)
    }
}

/// Where in a coalesced row-sparse gradient each row of the whole stands; −1 where it does not.
private struct RowPositions {
    private var positions: [Int32]

    init(_ rows: RowSparseTensor, isFirst: Bool, liveRows: inout [Bool]) {
        positions = [Int32](repeating: -1, count: rows.rowCount)
        // After a dense update every row may have moments.
        if liveRows.isEmpty { liveRows = [Bool](repeating: !isFirst, count: rows.rowCount) }
        for (position, row) in rows.indices.indices.enumerated() {
            positions[row] = Int32(position)
            liveRows[row] = true
        }
    }

    subscript(row: Int) -> Int32 { positions[row] }
}
