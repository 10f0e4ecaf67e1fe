import Autodiff

/// Multi-head self-attention over ragged sequences, with projections before and after (Vaswani et al. 2017).
public struct MultiHeadSelfAttention: Module {
    public let query, key, value, output: Linear    // [H, H] each
    public let headCount: Int
    /// Share of the attention probabilities that training drops.
    public let dropoutRate: Double

    public init(
        width: Int, headCount: Int, dropoutRate: Double = 0, standardDeviation: Double = 0.02,
        dtype: DType = .float32, key: RandomKey?
    ) {
        precondition(headCount > 0 && width % headCount == 0, "\(headCount) heads cannot share a width of \(width)")
        func projection(_ number: UInt64) -> Linear {
            Linear(inputWidth: width, outputWidth: width, standardDeviation: standardDeviation, dtype: dtype,
                   key: key?.folded(with: number))
        }
        query = projection(0)
        self.key = projection(1)
        value = projection(2)
        output = projection(3)
        self.headCount = headCount
        self.dropoutRate = dropoutRate
    }

    /// - Parameters:
    ///   - x: `[T, H]`, the sequences end to end.
    ///   - samples: One number for each sequence, by which the dropout draws.
    ///   - isCausal: A token attends to itself and to those before it only.
    /// - Returns: `[T, H]`.
    public func callAsFunction(
        _ x: Tensor, offsets: Offsets, samples: [UInt32], isCausal: Bool = false, in context: Context
    ) -> Tensor {
        output(.raggedAttention(
            queries: query(x), keys: key(x), values: value(x), offsets: offsets, headCount: headCount, isCausal: isCausal,
            dropout: context.nextDropoutMask(rate: dropoutRate), samples: samples))
    }
}
