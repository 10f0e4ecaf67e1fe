import CKernels

/// A matrix of which only some rows are not zero: the gradient of an embedding table.
public struct RowSparseTensor: Sendable {
    /// `[N]`, int32: which row each value row belongs to. A row may occur several times; its values add up.
    public let indices: Tensor
    /// `[N, D]`.
    public let values: Tensor
    /// Number of rows of the whole matrix.
    public let rowCount: Int

    /// Rows `[N, D]` at indices `[N]`, int32, of a matrix `[rowCount, D]`. Traps for other shapes or dtypes.
    public init(indices: Tensor, values: Tensor, rowCount: Int) {
        require(
            indices.dtype == .int32 && indices.rank == 1 && values.rank == 2 && values.shape[0] == indices.count
                && values.dtype.isFloatingPoint, "RowSparseTensor", [indices, values],
            "needs int32 indices [N] and floating-point values [N, D]")
        self.indices = indices
        self.values = values
        self.rowCount = rowCount
    }

    /// Shape of the whole matrix.
    public var shape: [Int] { [rowCount, values.shape[1]] }

    /// The whole matrix, zeros written out. Differentiable with respect to the values.
    public var dense: Tensor { values.scatterAddingRows(at: indices, rowCount: rowCount) }

    /// Each row once, in ascending order. The values of a row are added in the order in which they stand.
    public func coalesced() -> RowSparseTensor {
        let all = indices.indices
        if all.lengthOfAscendingRun == all.count { return self }
        let order = all.indices.sorted { all[$0] != all[$1] ? all[$0] < all[$1] : $0 < $1 }
        var distinct: [Int] = []
        var target = [Int32](repeating: 0, count: all.count)
        for position in order {
            if distinct.last != all[position] { distinct.append(all[position]) }
            target[position] = Int32(distinct.count - 1)
        }
        let targets = Tensor(scalars: target, shape: [target.count])
        return RowSparseTensor(
            indices: Tensor(indices: distinct),
            values: values.scatterAddingRows(at: targets, rowCount: distinct.count),
            rowCount: rowCount)
    }

    /// The rows of both. Once more rows have come since than there were distinct ones, equal rows are added up, so that
    /// a sum over many batches holds at most about twice the rows that they use.
    func appending(_ other: RowSparseTensor) -> RowSparseTensor {
        let joined = RowSparseTensor(
            indices: Tensor.concatenating([indices, other.indices], alongAxis: 0),
            values: Tensor.concatenating([values, other.values], alongAxis: 0),
            rowCount: rowCount)
        let distinct = indices.indices.lengthOfAscendingRun
        return joined.indices.count - distinct > max(distinct, 1024) ? joined.coalesced() : joined
    }
}

extension Tensor {
    /// Adds the rows to this matrix; in place unless the memory is shared or a tape is recording.
    mutating func addRows(_ rows: RowSparseTensor) {
        if isRecorded || rows.values.isRecorded {
            self = self + rows.dense
            return
        }
        Kernels.loops("addRows", self, rows.values).scatter_add_rows(
            uniqueBytes(), rows.indices.elements(), rows.values.bytes, Int64(rows.indices.count), Int64(shape[1]))
    }
}

extension [Int] {
    /// How many elements from the first on are each larger than the one before.
    fileprivate var lengthOfAscendingRun: Int {
        (indices.dropFirst().first { self[$0] <= self[$0 - 1] } ?? count)
    }
}
