import Autodiff
import Testing

/// Scores that have no kernel: terms of content and relative position, and caps.
struct PositionProjectionsTests {
    private static let lengths = [3, 0, 1, 5, 3], width = 4, headCount = 2
    private let offsets = Offsets(lengths: Self.lengths)
    private let buckets = DistanceBuckets.mirrored(side: 4, maximumDistance: 6)

    /// Queries, keys, values, and the tables of positions for queries and keys.
    private func operands(_ dtype: DType = .float64) -> [Tensor] {
        [offsets.rowCount, offsets.rowCount, offsets.rowCount, buckets.count, buckets.count].enumerated().map {
            Tensor.normal([$1, Self.headCount * Self.width], dtype: .float64, key: RandomKey(UInt64($0 + 1))).cast(to: dtype)
        }
    }

    private func attend(_ x: [Tensor], byQuery: Bool = true, byKey: Bool = true, cap: Double? = nil, isCausal: Bool = false) -> Tensor {
        .raggedAttention(
            queries: x[0], keys: x[1], values: x[2], offsets: offsets, headCount: Self.headCount,
            scores: AttentionScores(
                scale: 0.4, isCausal: isCausal,
                positions: byQuery || byKey
                    ? PositionProjections(keys: byQuery ? x[3] : nil, queries: byKey ? x[4] : nil, buckets: buckets) : nil,
                softCap: cap))
    }

    /// Pair by pair, in plain numbers.
    private func expected(_ x: [Tensor], _ byQuery: Bool, _ byKey: Bool, _ cap: Double?, _ isCausal: Bool) -> [[Double]] {
        let (q, k, v, p, r) = (x[0].rows, x[1].rows, x[2].rows, x[3].rows, x[4].rows)
        return (0..<offsets.count).flatMap { sequence in
            offsets[sequence].map { i in
                (0..<Self.headCount).flatMap { head -> [Double] in
                    let columns = head * Self.width..<(head + 1) * Self.width
                    func dot(_ a: [Double], _ b: [Double]) -> Double { columns.reduce(0) { $0 + a[$1] * b[$1] } }
                    let seen = offsets[sequence].filter { !isCausal || $0 <= i }
                    let scores = seen.map { j in
                        // Middle 2, so 3 and 4 share one bucket, and what is farther another; a key behind has the larger number.
                        let distance = [0, 1, 2, 3, 3][abs(j - i)], place = j > i ? 4 - distance : 4 + distance
                        let sum = dot(q[i], k[j]) + (byQuery ? dot(q[i], p[place]) : 0) + (byKey ? dot(k[j], r[place]) : 0)
                        return cap.map { $0 * Tensor(0.4 * sum / $0, dtype: .float64).tanh().item } ?? 0.4 * sum
                    }
                    let weights = Tensor(scores, shape: [1, scores.count], dtype: .float64).softmax().values
                    return columns.map { column in zip(seen, weights).reduce(0) { $0 + $1.1 * v[$1.0][column] } }
                }
            }
        }
    }

    @Test(arguments: [(true, true), (true, false), (false, true), (false, false)], [nil, 0.7])
    func scoresAreTheirSum(terms: (Bool, Bool), cap: Double?) {
        for isCausal in [false, true] {
            let found = attend(operands(), byQuery: terms.0, byKey: terms.1, cap: cap, isCausal: isCausal)
            let sum = Tensor(expected(operands(), terms.0, terms.1, cap, isCausal), dtype: .float64)
            #expect(found.maximumDifference(to: sum) < 1e-12)
            let float = attend(operands(.float32), byQuery: terms.0, byKey: terms.1, cap: cap, isCausal: isCausal)
            #expect(float.dtype == .float32 && float.cast(to: .float64).maximumDifference(to: sum) < 1e-5)
        }
    }

    @Test(arguments: [1, 2]) func gradientsAreRight(order: Int) {
        let report = gradientCheck(at: operands(), order: order) { attend($0, cap: 0.7).square().sum() }
        #expect(report.passed, "\(report)")
    }

    @Test func bucketsAreMirrored() {
        // From half of them on, they grow; below, and where there are as many as distances, each distance has its own.
        #expect(DistanceBuckets.mirrored(side: 4, maximumDistance: 6).count == 8)
        #expect(DistanceBuckets.mirrored(side: 3, maximumDistance: 0).count == 6)
    }
}
