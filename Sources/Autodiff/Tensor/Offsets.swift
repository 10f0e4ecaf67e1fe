import Requirements

/// Where the segments of a ragged tensor begin and end: `B + 1` ascending row numbers, the first of them zero.
///
/// Segment `i` is made of the rows `values[i] ..< values[i + 1]`; it may be empty.
public struct Offsets: Sendable, Equatable {
    /// Where each segment begins, then the number of rows: `[B + 1]`.
    public let values: [Int32]

    /// Offsets from their values. Traps unless they begin with 0 and never fall.
    public init(_ values: [Int]) {
        require(
            values.first == 0 && zip(values, values.dropFirst()).allSatisfy(<=),
            "Offsets: \(values.prefix(12)) do not ascend from zero")
        self.values = values.map(Int32.init)
    }

    /// Offsets of segments of these lengths, one after the other. Traps for a length below zero.
    public init(lengths: [Int]) {
        var values = [0]
        values.reserveCapacity(lengths.count + 1)
        for length in lengths { values.append(values[values.count - 1] + length) }
        self.init(values)
    }

    /// Number of segments.
    public var count: Int { values.count - 1 }
    /// Number of rows of all segments together.
    public var rowCount: Int { Int(values[count]) }

    /// The rows of a segment.
    public subscript(segment: Int) -> Range<Int> { Int(values[segment])..<Int(values[segment + 1]) }

    /// The number of rows of each segment.
    public var lengths: [Int] { (0..<count).map { self[$0].count } }

    /// For each row the number of its segment: `[T]`, int32.
    public var segmentOfRow: Tensor {
        var result: [Int32] = []
        result.reserveCapacity(rowCount)
        for segment in 0..<count { result.append(contentsOf: repeatElement(Int32(segment), count: self[segment].count)) }
        return Tensor(scalars: result, shape: [rowCount])
    }

    /// `[B, 1]`, bool: which segments have no rows.
    func emptySegments() -> Tensor {
        Tensor(scalars: lengths.map { $0 == 0 }, shape: [count, 1])
    }
}
