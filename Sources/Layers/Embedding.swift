import Autodiff

/// A table of vectors that are looked up by number; its gradient is row-sparse.
public struct Embedding: Module {
    /// `[V, D]`: a row for each id.
    public let weight: Parameter  // [V, D]

    /// Vectors from a normal distribution; that of the padding token, if there is one, is zero. Without a key all
    /// are zero, to be filled from a file.
    public init(
        count: Int, width: Int, standardDeviation: Double = 0.02, padding: Int? = nil,
        dtype: DType = .float32, key: RandomKey?
    ) {
        weight = .initialized([count, width], standardDeviation: standardDeviation, dtype: dtype, key: key)
        if let padding, key != nil {
            let isPadding = Tensor(scalars: (0..<count).map { $0 == padding }, shape: [count, 1])
            weight.value = weight.value.filled(with: 0, where: isPadding)
        }
    }

    /// - Parameter ids: `[N]`, int32.
    /// - Returns: `[N, D]`.
    public func callAsFunction(_ ids: Tensor) -> Tensor { weight.value.gatheringRows(at: ids) }
}
