import CKernels

/// What one call of `raggedAttention` works on, beside the operands: queries, keys, values and, if there is one, a bias.
struct AttentionPlan {
    let offsets: Offsets
    /// Nil where they are those of the queries.
    let keyOffsets: Offsets?
    let headCount, keyHeadCount, headWidth: Int
    /// Without a bias: its table is an operand.
    let scores: AttentionScores
    let buckets: DistanceBuckets?
    let dropout: DropoutMask?
    let samples: [UInt32]

    init(
        _ operands: [Tensor], _ offsets: Offsets, _ keyOffsets: Offsets?, _ headCount: Int, _ scores: AttentionScores,
        _ dropout: DropoutMask?, _ samples: [UInt32]
    ) {
        func check(_ condition: Bool, _ message: @autoclosure () -> String) {
            require(condition, "raggedAttention", operands, message())
        }
        let (q, k, v) = (operands[0], operands[1], operands[2])
        let keyRows = keyOffsets ?? offsets
        Kernels.loops("raggedAttention", q, k, v)
        check(
            operands.allSatisfy { $0.dtype == q.dtype && $0.rank == 2 } && k.shape == v.shape,
            "needs matrices of one dtype, keys and values of one shape")
        check(
            q.shape[0] == offsets.rowCount && k.shape[0] == keyRows.rowCount && offsets.count == keyRows.count,
            "needs \(offsets.rowCount) queries and \(keyRows.rowCount) keys in as many sequences, as the offsets say, "
                + "not in \(offsets.count) and \(keyRows.count)")
        check(headCount > 0 && q.shape[1] % headCount == 0, "\(headCount) heads cannot share the width of the queries")
        let headWidth = q.shape[1] / headCount
        check(
            headWidth > 0 && k.shape[1] > 0 && k.shape[1] % headWidth == 0 && headCount % (k.shape[1] / headWidth) == 0,
            "needs keys of as many heads of width \(headWidth) as divide \(headCount)")
        check(scores.scale.map { $0.isFinite && $0 != 0 } ?? true, "cannot scale by \(scores.scale ?? 0)")
        check(
            scores.rotation.map { $0.width <= headWidth } ?? true,
            "a head of width \(headWidth) does not hold a rotation of \(scores.rotation?.width ?? 0)")
        check(
            scores.bias.map { $0.table.shape == [headCount, $0.buckets.count] } ?? true,
            "needs a bias for each of \(headCount) heads and \(scores.bias?.buckets.count ?? 0) buckets")
        check(scores.softCap.map { $0 > 0 } ?? true, "cannot cap scores at \(scores.softCap ?? 0)")
        check(
            scores.positions.map { positions in
                [positions.keys, positions.queries].allSatisfy { $0.map { $0.shape[1] == q.shape[1] && $0.dtype == q.dtype } ?? true }
                    && keyOffsets == nil && k.shape == q.shape
            } ?? true, "needs projections of positions, keys and queries of one width and dtype, and sequences that are their own keys")
        check(
            dropout == nil || samples.count == offsets.count,
            "dropout needs one sample number for each of the \(offsets.count) sequences")
        self.offsets = offsets
        self.keyOffsets = keyOffsets == offsets ? nil : keyOffsets
        self.headCount = headCount
        self.headWidth = headWidth
        keyHeadCount = k.shape[1] / headWidth
        buckets = scores.bias?.buckets
        var constant = scores
        constant.bias = nil
        self.scores = constant
        self.dropout = dropout
        self.samples = samples
    }

    var scale: Double { scores.scale ?? 1 / Double(headWidth).squareRoot() }

    /// What the kernel gives: `[T, H · d]`, and the log-sum-exp of each row of scores `[T, H]`.
    struct Result { let y, logSumExp: Tensor }

    func attend(_ operands: [Tensor]) -> Result {
        let (q, k, v) = (operands[0], operands[1], operands[2])
        let bias = operands.count > 3 ? operands[3] : nil
        let turns = turns(q.dtype)
        let y = Tensor(uninitialized: q.shape, dtype: q.dtype)
        let lse = Tensor(uninitialized: [q.shape[0], headCount], dtype: q.dtype)
        let loops = Kernels.loops("raggedAttention", q, k, v)
        withKernelPlan { plan, first, last in
            loops.attention(plan, q.bytes, k.bytes, v.bytes, bias?.bytes, turns?.bytes, y.bytes, lse.bytes, first, last)
        }
        return Result(y: y, logSumExp: lse)
    }

    func gradients(_ operands: [Tensor], _ result: Result, _ dy: Tensor, _ wanted: [Bool]) -> [Gradient?] {
        let (q, k, v) = (operands[0], operands[1], operands[2])
        let bias = operands.count > 3 ? operands[3] : nil
        let turns = turns(q.dtype)
        let (y, lse) = (result.y, result.logSumExp)
        let (dq, dk, dv) = (
            Tensor(uninitialized: q.shape, dtype: q.dtype), Tensor(uninitialized: k.shape, dtype: q.dtype),
            Tensor(uninitialized: v.shape, dtype: q.dtype)
        )
        // One for each sequence, added up afterward in their order, whatever thread worked on which.
        let dbias = bias.flatMap { wanted[3] ? Tensor.zeros([offsets.count] + $0.shape, dtype: q.dtype) : nil }
        let loops = Kernels.loops("raggedAttention", q, k, v)
        withKernelPlan { plan, first, last in
            loops.attention_backward(
                plan, q.bytes, k.bytes, v.bytes, bias?.bytes, turns?.bytes, y.bytes, lse.bytes, dy.bytes, dq.bytes, dk.bytes,
                dv.bytes, dbias?.bytes, first, last)
        }
        return [.dense(dq), .dense(dk), .dense(dv)] + (bias == nil ? [] : [dbias.map { .dense($0.sum(alongAxis: 0)) }])
    }

    private func turns(_ dtype: DType) -> Tensor? {
        scores.rotation?.turns(count: max(offsets.lengths.max() ?? 0, keyOffsets?.lengths.max() ?? 0), dtype: dtype)
    }

    /// Calls `body` with ranges of sequences of about equal work, at the same time.
    private func withKernelPlan(_ body: (_ plan: UnsafePointer<tap_attention_plan>, _ first: Int64, _ last: Int64) -> Void) {
        offsets.values.withUnsafeBufferPointer { starts in
            (keyOffsets ?? offsets).values.withUnsafeBufferPointer { keyStarts in
                samples.withUnsafeBufferPointer { samples in
                    var plan = tap_attention_plan()
                    plan.offsets = starts.baseAddress
                    plan.key_offsets = keyOffsets == nil ? nil : keyStarts.baseAddress
                    (plan.heads, plan.key_heads, plan.d) = (Int64(headCount), Int64(keyHeadCount), Int64(headWidth))
                    plan.scale = scale
                    let unbounded = Int64(1) << 40
                    plan.lowest = max(scores.lowest.map(Int64.init) ?? -unbounded, -unbounded)
                    plan.highest = min(scores.highest.map(Int64.init) ?? unbounded, unbounded)
                    plan.rotated = Int64(scores.rotation?.width ?? 0)
                    if let buckets {
                        plan.columns = buckets.columns.elements()
                        (plan.reach, plan.column_count) = (Int64(buckets.reach), Int64(buckets.count))
                    }
                    (plan.rate, plan.key, plan.site) = (dropout?.rate ?? 0, dropout?.key.bits ?? 0, dropout?.site ?? 0)
                    plan.samples = samples.baseAddress
                    let cuts = cuts(starts, keyStarts)
                    if cuts.count <= 2 { return body(&plan, 0, Int64(offsets.count)) }
                    withUnsafePointer(to: plan) { plan in
                        Parallel.forEach(cuts.count - 1) { piece in body(plan, cuts[piece], cuts[piece + 1]) }
                    }
                }
            }
        }
    }

    /// The sequences that a thread's share begins with, and their number last. Rows are shared out evenly; a sequence is
    /// never cut.
    private func cuts(_ starts: UnsafeBufferPointer<Int32>, _ keyStarts: UnsafeBufferPointer<Int32>) -> [Int64] {
        let rowCount = Int(starts[offsets.count]) + Int(keyStarts[offsets.count])
        if rowCount / 2 * headWidth * headCount < Kernels.grain { return [0, Int64(offsets.count)] }
        let pieces = min(offsets.count, 4 * Parallel.threadCount)
        var cuts: [Int64] = [0]
        for sequence in 1..<max(2, offsets.count) where sequence < offsets.count {
            let rows = Int(starts[sequence]) + Int(keyStarts[sequence])
            if rows * pieces >= rowCount * cuts.count { cuts.append(Int64(sequence)) }
        }
        return cuts + [Int64(offsets.count)]
    }
}
