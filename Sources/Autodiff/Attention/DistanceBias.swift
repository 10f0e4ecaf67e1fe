import Requirements

/// An additive term of attention scores that depends on the head and on the relative position of key and query.
public struct DistanceBias: Sendable {
    /// `[H, N]`, of the queries' dtype: a row for each head. May be recorded: it gets its gradient.
    public var table: Tensor
    /// Which of the N columns a relative position takes.
    public let buckets: DistanceBuckets

    /// A bias from a table `[H, C]`, where `buckets` says which of the C columns a relative position takes.
    public init(_ table: Tensor, _ buckets: DistanceBuckets) {
        require(
            table.rank == 2 && table.shape[1] == buckets.count && table.dtype.isFloatingPoint, "DistanceBias", [table],
            "needs a row for each head of \(buckets.count) numbers, one for each bucket")
        self.table = table
        self.buckets = buckets
    }

    /// Linear biases without parameters: minus the distance times a slope that falls from head to head (ALiBi, Press et
    /// al. 2022).
    ///
    /// - Parameters:
    ///   - headCount: One row for each head.
    ///   - reach: The largest distance there is; what is farther counts as that far.
    ///   - dtype: Of the table.
    public static func linear(headCount: Int, reach: Int, dtype: DType = .float32) -> DistanceBias {
        require(headCount > 0, "DistanceBias.linear: there is no head")
        // Slopes of a power of two; then every other one of twice as many.
        func slopes(_ count: Int) -> [Double] {
            let whole = 1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
            let first = (1...whole).map { exponential(-8 * Double($0) / Double(whole) * logarithm(2)) }
            if whole == count { return first }
            let finer = slopes(2 * whole)
            return first + (0..<count - whole).map { finer[2 * $0] }
        }
        let table = slopes(headCount).flatMap { slope in (0...reach).map { -slope * Double($0) } }
        return DistanceBias(Tensor(table, shape: [headCount, reach + 1], dtype: dtype), DistanceBuckets(reach: reach) { abs($0) })
    }
}
