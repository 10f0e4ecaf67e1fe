import Autodiff
import Requirements

/// Multi-head attention over ragged sequences, with projections before and after (Vaswani et al. 2017): of tokens to the
/// tokens of their own sequence, or to those of another one.
public struct MultiHeadAttention: Module {
    /// The projections: `[H·d, W]`, `[G·d, M]` twice, and `[W, H·d]`.
    public let query, key, value, output: Linear  // [H·d, W], [G·d, M], [G·d, M], [W, H·d]
    /// Of the queries and of the keys of each head, before they are multiplied; nil: none.
    public let queryNorm, keyNorm: (any Layer)?
    /// H, the heads of queries.
    public let headCount: Int
    /// How keys are scored, beside what a call adds to it.
    public let scores: AttentionScores
    /// Share of the attention probabilities that training drops.
    public let dropoutRate: Double

    /// - Parameters:
    ///   - width: W, of the tokens that attend, and of the result.
    ///   - memoryWidth: M, of the tokens attended to; W when left out.
    ///   - headCount: H.
    ///   - keyValueHeadCount: G, a divisor of H: heads of keys and values; H when left out.
    ///   - headWidth: d; W / H when left out.
    ///   - hasBias: Whether the projections add a bias.
    ///   - hasOutputBias: Whether the last one does; as `hasBias` when left out.
    ///   - queryNorm: Of the queries of each head, `[N, d]`.
    ///   - keyNorm: The same of the keys.
    ///   - scores: How keys are scored.
    ///   - dropoutRate: Of the probabilities.
    ///   - standardDeviation: Of random weights.
    ///   - dtype: Of the weights.
    ///   - key: Draws the weights; nil: all zero, to be filled from a file.
    public init(
        width: Int, memoryWidth: Int? = nil, headCount: Int, keyValueHeadCount: Int? = nil, headWidth: Int? = nil,
        hasBias: Bool = true, hasOutputBias: Bool? = nil, queryNorm: (any Layer)? = nil, keyNorm: (any Layer)? = nil,
        scores: AttentionScores = AttentionScores(), dropoutRate: Double = 0, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        require(
            headCount > 0 && (headWidth != nil || width % headCount == 0),
            "\(headCount) heads cannot share a width of \(width)")
        let keyHeadCount = keyValueHeadCount ?? headCount
        require(
            keyHeadCount > 0 && headCount % keyHeadCount == 0,
            "\(keyHeadCount) heads of keys and values cannot serve \(headCount) heads")
        let headWidth = headWidth ?? width / headCount
        func projection(_ inputWidth: Int, _ outputWidth: Int, _ number: UInt64) -> Linear {
            Linear(
                inputWidth: inputWidth, outputWidth: outputWidth, hasBias: number == 3 ? hasOutputBias ?? hasBias : hasBias,
                standardDeviation: standardDeviation, dtype: dtype, key: key?.folded(with: number))
        }
        query = projection(width, headCount * headWidth, 0)
        self.key = projection(memoryWidth ?? width, keyHeadCount * headWidth, 1)
        value = projection(memoryWidth ?? width, keyHeadCount * headWidth, 2)
        output = projection(headCount * headWidth, width, 3)
        self.queryNorm = queryNorm
        self.keyNorm = keyNorm
        self.headCount = headCount
        self.scores = scores
        self.dropoutRate = dropoutRate
    }

    /// Tokens attend to the tokens of their own sequence.
    ///
    /// - Parameters:
    ///   - x: `[T, W]`, the sequences end to end.
    ///   - offsets: Where the sequences begin.
    ///   - samples: One number for each sequence, by which the dropout draws.
    ///   - isCausal: A token attends to itself and to those before it only.
    ///   - bias: Is added to the scores: a parameter of several layers, say.
    ///   - context: Training or inference.
    /// - Returns: `[T, W]`.
    public func callAsFunction(
        _ x: Tensor, offsets: Offsets, samples: [UInt32], isCausal: Bool = false, bias: DistanceBias? = nil,
        in context: Context
    ) -> Tensor {
        var scores = scores
        scores.isCausal = scores.isCausal || isCausal
        return attend(x, x, offsets, nil, samples, scores, bias, context)
    }

    /// Tokens attend to those of another sequence each.
    ///
    /// - Parameters:
    ///   - x: `[T, W]`, the sequences end to end.
    ///   - offsets: Where the sequences of queries begin.
    ///   - memory: `[S, M]`, what they attend to: as many sequences.
    ///   - memoryOffsets: Where those of the memory begin, as many.
    ///   - samples: One number for each sequence, by which the dropout draws.
    ///   - bias: Is added to the scores.
    ///   - context: Training or inference.
    /// - Returns: `[T, W]`; zeros before the output's projection where a sequence has no memory.
    public func callAsFunction(
        _ x: Tensor, offsets: Offsets, memory: Tensor, memoryOffsets: Offsets, samples: [UInt32],
        bias: DistanceBias? = nil, in context: Context
    ) -> Tensor {
        attend(x, memory, offsets, memoryOffsets, samples, scores, bias, context)
    }

    private func attend(
        _ x: Tensor, _ memory: Tensor, _ offsets: Offsets, _ memoryOffsets: Offsets?, _ samples: [UInt32],
        _ scores: AttentionScores, _ bias: DistanceBias?, _ context: Context
    ) -> Tensor {
        var scores = scores
        scores.bias = bias ?? scores.bias
        func normalized(_ x: Tensor, _ norm: (any Layer)?, _ heads: Int) -> Tensor {
            norm.map { $0(x.reshaped([x.shape[0] * heads, x.shape[1] / heads]), in: context).reshaped(x.shape) } ?? x
        }
        let queries = query(x), keys = key(memory)
        let keyHeadCount = keys.shape[1] * headCount / queries.shape[1]
        return output(
            .raggedAttention(
                queries: normalized(queries, queryNorm, headCount), keys: normalized(keys, keyNorm, keyHeadCount), values: value(memory),
                offsets: offsets, keyOffsets: memoryOffsets,
                headCount: headCount, scores: scores, dropout: context.nextDropoutMask(rate: dropoutRate), samples: samples))
    }
}
