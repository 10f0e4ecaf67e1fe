/// A set of Unicode scalars.
struct ScalarSet: Sendable, Equatable {
    /// Where membership changes, ascending: the first scalar of a range, the first behind it, and so on.
    private(set) var bounds: [UInt32] = []

    private static let end: UInt32 = 0x110000
    static let all = ScalarSet(bounds: [0, end])

    init() {}

    private init(bounds: [UInt32]) { self.bounds = bounds }

    init(_ range: ClosedRange<UInt32>) { bounds = [range.lowerBound, range.upperBound + 1] }

    init(_ scalar: Unicode.Scalar) { self.init(scalar.value...scalar.value) }

    /// - Parameter ranges: In any order; they may overlap.
    init(_ ranges: [ClosedRange<UInt32>]) {
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = bounds.last, range.lowerBound <= last {
                bounds[bounds.count - 1] = Swift.max(last, range.upperBound + 1)
            } else {
                bounds += [range.lowerBound, range.upperBound + 1]
            }
        }
    }

    var isEmpty: Bool { bounds.isEmpty }

    var ranges: [ClosedRange<UInt32>] {
        stride(from: 0, to: bounds.count, by: 2).map { bounds[$0]...(bounds[$0 + 1] - 1) }
    }

    var inverted: ScalarSet {
        var bounds = bounds
        if bounds.first == 0 { bounds.removeFirst() } else { bounds.insert(0, at: 0) }
        if bounds.last == Self.end { bounds.removeLast() } else { bounds.append(Self.end) }
        return ScalarSet(bounds: bounds)
    }

    func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

    func intersection(_ other: ScalarSet) -> ScalarSet { inverted.union(other.inverted).inverted }

    func contains(_ code: UInt32) -> Bool {
        var low = 0, high = bounds.count
        while low < high {
            let middle = (low + high) / 2
            if bounds[middle] <= code { low = middle + 1 } else { high = middle }
        }
        return low % 2 == 1
    }
}

/// A set that is asked often: a bit for each scalar of the first plane.
struct ScalarTable: Sendable {
    private let set: ScalarSet
    private let bits: [UInt64]

    init(_ set: ScalarSet) {
        self.set = set
        var bits = [UInt64](repeating: 0, count: 1024)
        for range in set.ranges where range.lowerBound < 0x10000 {
            for code in range.lowerBound...Swift.min(range.upperBound, 0xFFFF) { bits[Int(code >> 6)] |= 1 << UInt64(code & 63) }
        }
        self.bits = bits
    }

    @inline(__always)
    func contains(_ code: UInt32) -> Bool {
        code < 0x10000 ? bits[Int(code >> 6)] >> UInt64(code & 63) & 1 != 0 : set.contains(code)
    }
}
