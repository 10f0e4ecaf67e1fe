import Autodiff
import Layers

/// Self-attention whose projections of queries, keys and values stand one upon the other in one matrix.
public struct JoinedAttention: TokenLayer {
    /// Of queries, keys and values, and of the result.
    public let projection, output: Linear  // [3H, H], [H, H]
    /// Heads, which divide H.
    public let headCount: Int
    /// How keys are scored.
    public let scores: AttentionScores
    /// Share of the probabilities that training drops.
    public let scoreDropout: Double

    /// - Parameters:
    ///   - width: H.
    ///   - headCount: A divisor of H.
    ///   - hasBias: Whether both projections have one.
    ///   - scores: How keys are scored.
    ///   - scoreDropout: Share of the probabilities that training drops.
    ///   - standardDeviation: Of random weights.
    ///   - key: Draws the weights; without one all are zero, to be filled from a file.
    public init(
        width: Int, headCount: Int, hasBias: Bool, scores: AttentionScores, scoreDropout: Double, standardDeviation: Double,
        key: RandomKey?
    ) {
        projection = Linear(
            inputWidth: width, outputWidth: 3 * width, hasBias: hasBias, standardDeviation: standardDeviation, key: key?.folded(with: 0))
        output = Linear(
            inputWidth: width, outputWidth: width, hasBias: hasBias, standardDeviation: standardDeviation, key: key?.folded(with: 1))
        self.headCount = headCount
        self.scores = scores
        self.scoreDropout = scoreDropout
    }

    public func callAsFunction(_ x: Tensor, _ batch: TokenBatch, in context: Context) -> Tensor {
        let width = x.shape[1]
        let parts = projection(x).split(lengths: [width, width, width], alongAxis: 1)
        return output(
            .raggedAttention(
                queries: parts[0], keys: parts[1], values: parts[2], offsets: batch.offsets, headCount: headCount, scores: scores,
                dropout: context.nextDropoutMask(rate: scoreDropout), samples: batch.samples))
    }
}
