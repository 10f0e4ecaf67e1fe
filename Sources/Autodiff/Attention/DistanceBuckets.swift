import Requirements

/// A rule that gives each relative position, key minus query, one of a number of buckets.
public struct DistanceBuckets: Sendable, Equatable {
    /// Number of buckets.
    public let count: Int
    /// Positions from `-reach` to `reach` have buckets of their own; what is farther counts as that far.
    public let reach: Int
    /// `[2 · reach + 1]`, int32: the bucket of each position from `-reach` on.
    let columns: Tensor

    /// Columns by a rule of your own; positions farther than `reach` count as `reach` away. Traps for a column below zero.
    public init(reach: Int, _ bucket: (_ relativePosition: Int) -> Int) {
        require(reach >= 0, "DistanceBuckets: a reach of \(reach) holds no position")
        let all = (-reach...reach).map(bucket)
        require(all.min()! >= 0, "DistanceBuckets: \(all.min()!) is no bucket")
        self.reach = reach
        count = all.max()! + 1
        columns = Tensor(indices: all)
    }

    /// A bucket for each relative position from `-reach` to `reach`.
    public static func positions(upTo reach: Int) -> DistanceBuckets { DistanceBuckets(reach: reach) { $0 + reach } }

    /// A bucket for each of the first distances on either side, and for larger ones buckets that grow with their logarithm, in the
    /// order of the positions (DeBERTa).
    ///
    /// - Parameters:
    ///   - side: B, of 2 · B buckets; a relative position of 0 has the number B.
    ///   - maximumDistance: From here on all distances share the last bucket of their side; not above B: each has one of its own.
    public static func mirrored(side: Int, maximumDistance: Int) -> DistanceBuckets {
        require(side > 0, "DistanceBuckets: \(side) buckets a side divide no distances")
        let middle = side / 2
        guard maximumDistance - 1 > middle, middle > 0 else {
            return DistanceBuckets(reach: side) { min(2 * side - 1, side - $0) }
        }
        let octaves = Float(logarithm(Double(Float(maximumDistance - 1) / Float(middle))))
        return DistanceBuckets(reach: maximumDistance) { position in
            // Numbers fall with the position of the key: these models count from the key to the query.
            let distance = abs(position)
            if distance <= middle { return min(2 * side - 1, side - position) }
            let share = Float(logarithm(Double(Float(distance) / Float(middle)))) / octaves * Float(middle - 1)
            let bucket = Int(share.rounded(.up)) + middle
            return max(0, min(2 * side - 1, position < 0 ? side + bucket : side - bucket))
        }
    }

    /// A bucket for each small distance, and for larger ones buckets that grow with their logarithm (T5, MPNet).
    ///
    /// - Parameters:
    ///   - count: Number of buckets; half of them for keys after the query if there are any such.
    ///   - maximumDistance: From here on all distances share the last bucket.
    ///   - isBidirectional: Whether keys after the query have buckets of their own, or all the one of distance 0.
    public static func logarithmic(
        count: Int = 32, maximumDistance: Int = 128, isBidirectional: Bool = true
    ) -> DistanceBuckets {
        let side = isBidirectional ? count / 2 : count, exact = side / 2
        require(
            exact > 0 && maximumDistance > exact,
            "DistanceBuckets: \(count) buckets do not divide distances up to \(maximumDistance)")
        let octaves = logarithm(Double(maximumDistance) / Double(exact))
        let buckets = DistanceBuckets(reach: maximumDistance) { position in
            let distance = isBidirectional ? abs(position) : max(0, -position)
            let first = isBidirectional && position > 0 ? side : 0
            if distance < exact { return first + distance }
            // In float32, as the models were trained: elsewhere a boundary may fall on the other side.
            let share = Float(logarithm(Double(Float(distance) / Float(exact)))) / Float(octaves) * Float(side - exact)
            return first + min(side - 1, exact + Int(share))
        }
        require(buckets.count == count, "DistanceBuckets: an odd number of buckets, \(count), does not fall in two halves")
        return buckets
    }
}
