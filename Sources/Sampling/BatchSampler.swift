import Tables

/// Deals the rows of a dataset into batches, anew in each epoch.
///
/// What it deals depends on nothing but what it was made with and the epoch: that is what lets training
/// resume in the middle of an epoch.
public protocol BatchSampler: Sendable {
    /// How many batches an epoch is planned to have: what learning-rate schedules count with.
    var batchCount: Int { get }

    /// The batches of an epoch (from 0) as row indices (from 0).
    ///
    /// At most `batchCount` of them. A sampler that cannot fill as many from its data returns fewer; the
    /// caller should then say so.
    func batches(epoch: Int) -> [[Int]]

    /// The same, drawn from a generator that several samplers share, where it draws from one of this kind.
    func batches(epoch: Int, drawingFrom generator: inout MersenneTwister) -> [[Int]]
}

extension BatchSampler {
    public func batches(epoch: Int, drawingFrom generator: inout MersenneTwister) -> [[Int]] { batches(epoch: epoch) }

    /// How many batches `rowCount` rows make: the last, short one counts unless it is dropped.
    static func batchCount(rowCount: Int, batchSize: Int, dropLast: Bool) -> Int {
        (rowCount + (dropLast ? 0 : batchSize - 1)) / batchSize
    }

    static func check(batchSize: Int) throws {
        guard batchSize >= 1 else {
            throw DatasetError("batchSize must be at least 1, found \(batchSize)")
        }
    }
}

extension MersenneTwister {
    /// The generator of one epoch: seeded with the low 32 bits of `seed + epoch`.
    init(epoch: Int, seed: UInt64) {
        self.init(seed: UInt32(truncatingIfNeeded: seed &+ UInt64(bitPattern: Int64(epoch))))
    }
}
