import Requirements

/// Terms of attention scores that depend on what a token holds and on the relative position: `q · P[r]` and `k · R[r]`, as in
/// disentangled attention (DeBERTa: He et al. 2021, arXiv:2006.03654).
public struct PositionProjections: Sendable {
    /// P: a row for each bucket, with which queries are multiplied: `[N, H · d]`, the heads side by side; nil: no such term.
    public var keys: Tensor?
    /// R: the same for keys.
    public var queries: Tensor?
    /// Which of the N rows a relative position takes.
    public let buckets: DistanceBuckets

    /// Terms by their tables, which may be recorded: they get their gradients.
    public init(keys: Tensor?, queries: Tensor?, buckets: DistanceBuckets) {
        for table in [keys, queries].compactMap({ $0 }) {
            require(
                table.rank == 2 && table.shape[0] >= buckets.count, "PositionProjections", [table],
                "needs a row for each of \(buckets.count) buckets")
        }
        self.keys = keys
        self.queries = queries
        self.buckets = buckets
    }
}

extension AttentionPlan {
    /// What content and relative position add to products of queries and keys, before these are scaled.
    ///
    /// - Parameters:
    ///   - q, k: `[n · L, H · d]` of n sequences of the length L.
    /// - Returns: `[n, H, L, L]`.
    func positionTerms(_ positions: PositionProjections, _ q: Tensor, _ k: Tensor, count n: Int, length: Int) -> Tensor? {
        /// For each token, the products with the rows of all distances from it; then those of each other token by its place.
        func products(_ x: Tensor, _ table: Tensor, _ distances: [Int]) -> Tensor {
            let rows = table.gatheringRows(at: Tensor(indices: positions.buckets.columns(of: distances)))
            func heads(_ x: Tensor) -> Tensor {  // [H, rows, d]
                x.reshaped([x.shape[0], headCount, headWidth]).permuted(axes: [1, 0, 2])
            }
            let all = heads(x).matmul(heads(rows), transposingB: true)  // [H, n · L, 2L − 1]
            let blocks = headCount * n
            if length == 1 { return all.reshaped([headCount, n, 1, 1]) }
            // Row i needs the columns from L − 1 − i on: in memory, these stand 2L − 2 apart.
            let skewed = all.reshaped([blocks, length * (2 * length - 1)])
                .sliced(length - 1..<length - 1 + length * (2 * length - 2), alongAxis: 1)
            return skewed.reshaped([blocks * length, 2 * length - 2]).sliced(0..<length, alongAxis: 1)
                .reshaped([headCount, n, length, length])
        }
        let distances = Array(1 - length..<length)
        let byQuery = positions.keys.map { products(q, $0, distances).permuted(axes: [1, 0, 2, 3]) }
        let byKey = positions.queries.map { products(k, $0, distances.map { -$0 }).permuted(axes: [1, 0, 3, 2]) }
        guard let byQuery, let byKey else { return byQuery ?? byKey }
        return byQuery + byKey
    }
}
