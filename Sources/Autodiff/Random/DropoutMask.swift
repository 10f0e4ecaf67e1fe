import CKernels
import Requirements

/// Which elements a dropout keeps, as a rule instead of an array: it can be applied again at any time.
public struct DropoutMask: Sendable {
    /// Share of the elements that are dropped, 0 ..< 1.
    public let rate: Double
    /// The pass's key: seed and step.
    public let key: RandomKey
    /// The place in the model.
    public let site: UInt32

    /// The mask of one place of dropout in one pass. Traps for a rate outside 0 ..< 1.
    public init(rate: Double, key: RandomKey, site: UInt32) {
        require(rate >= 0 && rate < 1, "DropoutMask: a rate of \(rate) is not in 0..<1")
        self.rate = rate
        self.key = key
        self.site = site
    }

    /// Words below this are dropped.
    var threshold: UInt32 { UInt32(rate * 4_294_967_296) }

    /// Factors 0 or 1/(1 − rate) for `count` elements in counter order (c1, c2 as the kernels use them).
    func factors(count: Int, row: UInt32, sample: UInt32) -> [Double] {
        var words = [UInt32](repeating: 0, count: count)
        tap_philox_fill(key.bits, row, sample, site, &words, Int64(count))
        return words.map { $0 >= threshold ? 1 / (1 - rate) : 0 }
    }
}

/// Where the rows of a ragged tensor stand: in which sample, and at which position in it.
///
/// Random draws go by these, so that a sample gets the same dropout in any batch.
public struct RowAddresses: Sendable {
    /// The number of the sample that each row belongs to.
    public let samples: [UInt32]
    /// The position of each row in its sample.
    public let positions: [UInt32]

    /// One address for each row. Traps where the two differ in length.
    public init(samples: [UInt32], positions: [UInt32]) {
        require(samples.count == positions.count, "RowAddresses: one sample and one position a row")
        self.samples = samples
        self.positions = positions
    }

    /// Row i is sample i, position 0.
    public init(rowCount: Int) {
        self.init(samples: (0..<rowCount).map { UInt32($0) }, positions: [UInt32](repeating: 0, count: rowCount))
    }
}
