import CKernels

extension Tensor {
    /// Multi-head self-attention over ragged sequences: each token attends to the tokens of its own sequence.
    ///
    /// `softmax(Q Kᵀ / √d) V` for each sequence and head (Vaswani et al. 2017), without any padding.
    ///
    /// - Parameters:
    ///   - queries, keys, values: `[T, H · d]`, the heads side by side.
    ///   - headCount: H.
    ///   - isCausal: A token attends to itself and to those before it only.
    ///   - dropout: Drops attention probabilities; none leaves them.
    ///   - samples: One number for each sequence, by which the dropout draws.
    /// - Returns: `[T, H · d]`.
    public static func raggedAttention(
        queries: Tensor, keys: Tensor, values: Tensor, offsets: Offsets, headCount: Int,
        isCausal: Bool = false, dropout: DropoutMask? = nil, samples: [UInt32] = []
    ) -> Tensor {
        let operands = [queries, keys, values]
        Kernels.loops("raggedAttention", queries, keys, values)
        let shape = queries.shape
        require(shape.count == 2 && operands.allSatisfy { $0.shape == shape && $0.dtype == queries.dtype },
                "raggedAttention", operands, "needs three matrices of one shape and dtype")
        require(shape[0] == offsets.rowCount && headCount > 0 && shape[1] % headCount == 0, "raggedAttention", operands,
                "needs \(offsets.rowCount) rows, as the offsets say, and a width that \(headCount) heads share")
        require(dropout == nil || samples.count == offsets.count, "raggedAttention", operands,
                "dropout needs one sample number for each of the \(offsets.count) sequences")
        let plan = Kernels.AttentionPlan(
            offsets: offsets, headCount: headCount, headWidth: shape[1] / headCount, isCausal: isCausal, dropout: dropout,
            samples: samples)
        let result = Kernels.attention(queries, keys, values, plan)
        return Tape.recordFused("raggedAttention", value: result.y, from: operands, pullback: { dy, _ in
            Kernels.attentionBackward(queries, keys, values, result, dy, plan).map { .dense($0) }
        }, composed: { composedAttention($0[0], $0[1], $0[2], plan) })
    }

    static func composedAttention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ plan: Kernels.AttentionPlan) -> Tensor {
        let d = plan.headWidth
        let sequences = (0..<plan.offsets.count).filter { !plan.offsets[$0].isEmpty }.map { s in
            let rows = plan.offsets[s]
            return Tensor.concatenating((0..<plan.headCount).map { head in
                func part(_ x: Tensor) -> Tensor {
                    x.sliced(rows).sliced(head * d..<(head + 1) * d, alongAxis: 1)               // [n, d]
                }
                var scores = part(q).matmul(part(k), transposingB: true) * plan.scale               // [n, n]
                if let later = plan.laterKeys(sequence: s) { scores = scores.filled(with: -.infinity, where: later) }
                var weights = scores.softmax()
                if let mask = plan.dropoutFactors(sequence: s, head: head, dtype: q.dtype) { weights = weights * mask }
                return weights.matmul(part(v))
            }, alongAxis: 1)
        }
        return sequences.isEmpty ? q * 0 : .concatenating(sequences, alongAxis: 0)
    }
}

extension Kernels {
    struct AttentionPlan {
        let offsets: Offsets
        let headCount: Int
        let headWidth: Int
        let isCausal: Bool
        let dropout: DropoutMask?
        let samples: [UInt32]

        var scale: Double { 1 / Double(headWidth).squareRoot() }
        var rate: Double { dropout?.rate ?? 0 }

        /// `[n, n]`: which keys stand after the query, where those are not attended to.
        func laterKeys(sequence: Int) -> Tensor? {
            guard isCausal else { return nil }
            let n = offsets[sequence].count
            return Tensor(scalars: (0..<n * n).map { $0 % n > $0 / n }, shape: [n, n])
        }

        /// `[n, n]`: what the kernel multiplies the probabilities of one sequence and head with.
        func dropoutFactors(sequence: Int, head: Int, dtype: DType) -> Tensor? {
            guard let dropout, dropout.rate > 0 else { return nil }
            let n = offsets[sequence].count
            let factors = (0..<n).flatMap { query in
                dropout.factors(count: n, row: UInt32(query * headCount + head), sample: samples[sequence])
            }
            return Tensor(factors, shape: [n, n], dtype: dtype)
        }

        /// Calls `body` with ranges of sequences of about equal work, at the same time.
        func forSequences(_ body: (_ first: Int64, _ last: Int64, _ samples: UnsafePointer<UInt32>?) -> Void) {
            samples.withUnsafeBufferPointer { samples in
                let pieces = offsets.rowCount * headWidth * headCount < grain ? 1 : min(offsets.count, 4 * Parallel.threadCount)
                let start = samples.baseAddress
                if pieces <= 1 { return body(0, Int64(offsets.count), start) }
                // Cut where the rows are shared out evenly; a sequence is never cut.
                var cuts = [0]
                for segment in 1..<max(2, offsets.count) where segment < offsets.count {
                    if Int(offsets.values[segment]) * pieces >= offsets.rowCount * cuts.count { cuts.append(segment) }
                }
                cuts.append(offsets.count)
                Parallel.forEach(cuts.count - 1) { piece in body(Int64(cuts[piece]), Int64(cuts[piece + 1]), start) }
            }
        }
    }

    struct AttentionResult { var y, logSumExp: Tensor }

    static func attention(_ q: Tensor, _ k: Tensor, _ v: Tensor, _ plan: AttentionPlan) -> AttentionResult {
        let y = Tensor(uninitialized: q.shape, dtype: q.dtype)
        let lse = Tensor(uninitialized: [q.shape[0], plan.headCount], dtype: q.dtype)
        let (heads, d) = (Int64(plan.headCount), Int64(plan.headWidth))
        let (key, site) = (plan.dropout?.key.bits ?? 0, plan.dropout?.site ?? 0)
        plan.offsets.values.withUnsafeBufferPointer { offsets in
            let offsets = offsets.baseAddress
            plan.forSequences { first, last, samples in
                if q.dtype == .float32 {
                    tap_attention_f32(q.elements(), k.elements(), v.elements(), y.freshElements(), lse.freshElements(),
                                      offsets, first, last, heads, d, Float(plan.scale), plan.isCausal, plan.rate, key, site, samples)
                } else {
                    tap_attention_f64(q.elements(), k.elements(), v.elements(), y.freshElements(), lse.freshElements(),
                                      offsets, first, last, heads, d, plan.scale, plan.isCausal, plan.rate, key, site, samples)
                }
            }
        }
        return AttentionResult(y: y, logSumExp: lse)
    }

    static func attentionBackward(
        _ q: Tensor, _ k: Tensor, _ v: Tensor, _ result: AttentionResult, _ dy: Tensor, _ plan: AttentionPlan
    ) -> [Tensor] {
        let gradients = (0..<3).map { _ in Tensor(uninitialized: q.shape, dtype: q.dtype) }
        let (dq, dk, dv) = (gradients[0], gradients[1], gradients[2])
        let (y, lse) = (result.y, result.logSumExp)
        let (heads, d) = (Int64(plan.headCount), Int64(plan.headWidth))
        let (key, site) = (plan.dropout?.key.bits ?? 0, plan.dropout?.site ?? 0)
        plan.offsets.values.withUnsafeBufferPointer { offsets in
            let offsets = offsets.baseAddress
            plan.forSequences { first, last, samples in
                if q.dtype == .float32 {
                    tap_attention_backward_f32(
                        q.elements(), k.elements(), v.elements(), y.elements(), lse.elements(), dy.elements(),
                        dq.freshElements(), dk.freshElements(), dv.freshElements(), offsets, first, last, heads, d,
                        Float(plan.scale), plan.isCausal, plan.rate, key, site, samples)
                } else {
                    tap_attention_backward_f64(
                        q.elements(), k.elements(), v.elements(), y.elements(), lse.elements(), dy.elements(),
                        dq.freshElements(), dk.freshElements(), dv.freshElements(), offsets, first, last, heads, d,
                        plan.scale, plan.isCausal, plan.rate, key, site, samples)
                }
            }
        }
        return gradients
    }
}
