extension Tensor {
    /// Multi-head attention over ragged sequences: each token attends to the tokens of its own sequence, or to those of
    /// the sequence of the same number on the other side.
    ///
    /// `softmax(Q Kᵀ / √d) V` for each sequence and head (Vaswani et al. 2017), without any padding, where `scores` does
    /// not say otherwise. A query that sees no key gets zeros.
    ///
    /// - Parameters:
    ///   - queries: `[T, H · d]`, float32 or float64, the heads side by side.
    ///   - keys: `[T, G · d]`. G divides H: each key head serves H / G heads that follow each other.
    ///   - values: As `keys`.
    ///   - offsets: Where the sequences of queries begin.
    ///   - keyOffsets: Where those of keys and values begin, as many; those of the queries when left out.
    ///   - headCount: H.
    ///   - scores: How keys are scored: scale, causal or not, window, rotation, bias.
    ///   - dropout: Drops attention probabilities; none leaves them.
    ///   - samples: One number for each sequence, by which the dropout draws.
    /// - Returns: `[T, H · d]`.
    public static func raggedAttention(
        queries: Tensor, keys: Tensor, values: Tensor, offsets: Offsets, keyOffsets: Offsets? = nil, headCount: Int,
        scores: AttentionScores = AttentionScores(), dropout: DropoutMask? = nil, samples: [UInt32] = []
    ) -> Tensor {
        let operands = [queries, keys, values] + (scores.bias.map { [$0.table] } ?? [])
        let plan = AttentionPlan(operands, offsets, keyOffsets, headCount, scores, dropout, samples)
        guard scores.hasKernel else { return plan.composed(operands) }
        let result = plan.attend(operands)
        return Tape.recordFused(
            "raggedAttention", value: result.y, from: operands,
            pullback: { dy, wanted in
                plan.gradients(operands, result, dy, wanted)
            }, composed: { plan.composed($0) })
    }
}
