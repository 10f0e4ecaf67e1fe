import CKernels

// Reductions of the rows `[T, D]` of ragged sequences to one row `[B, D]` for each.
extension Tensor {
    /// Sums of rows; an empty segment gives zeros.
    public func segmentSum(_ offsets: Offsets) -> Tensor {
        checkSegments(offsets, "segmentSum")
        let value = Kernels.segmentSum(self, offsets)
        return Tape.record("segmentSum", value: value, from: self) { dy in
            dy.repeatingRows(offsets)
        }
    }

    /// Means of rows; an empty segment gives zeros.
    public func segmentMean(_ offsets: Offsets) -> Tensor {
        checkSegments(offsets, "segmentMean")
        let weights = offsets.lengths.map { 1 / Swift.max(Double($0), 1e-9) }
        return segmentSum(offsets) * Tensor(weights, shape: [offsets.count, 1], dtype: dtype)
    }

    /// Largest elements, column by column; an empty segment gives −∞.
    public func segmentMax(_ offsets: Offsets) -> Tensor {
        checkSegments(offsets, "segmentMax")
        let width = shape[1]
        let rows = Kernels.segmentMaxRows(self, offsets)
        // Positions in the flattened tensor; an empty segment takes any element, and is filled afterward.
        let positions = rows.enumerated().map { Swift.max(0, $1) * Int32(width) + Int32($0 % width) }
        let flat = Tensor(scalars: positions, shape: [1, positions.count])
        return reshaped([1, -1]).takingAlongLastAxis(flat).reshaped([offsets.count, width])
            .filled(with: -.infinity, where: offsets.emptySegments())
    }

    /// First rows; an empty segment gives zeros.
    public func segmentFirst(_ offsets: Offsets) -> Tensor {
        picked(offsets, "segmentFirst") { $0.lowerBound }
    }

    /// Last rows; an empty segment gives zeros.
    public func segmentLast(_ offsets: Offsets) -> Tensor {
        picked(offsets, "segmentLast") { $0.upperBound - 1 }
    }

    /// Soft-max over the rows of each segment, column by column.
    public func segmentSoftmax(_ offsets: Offsets) -> Tensor {
        checkSegments(offsets, "segmentSoftmax")
        let largest = detached().segmentMax(offsets).filled(with: 0, where: offsets.emptySegments())
        let powers = (self - largest.repeatingRows(offsets)).exp()
        return powers / powers.segmentSum(offsets).repeatingRows(offsets)
    }

    /// Row `i` of `[B, D]` once for each row of segment `i`: `[T, D]`. The reverse of `segmentSum`.
    public func repeatingRows(_ offsets: Offsets) -> Tensor {
        require(rank == 2 && shape[0] == offsets.count, "repeatingRows", [self], "needs \(offsets.count) rows")
        Kernels.loops("repeatingRows", self)
        let value = Kernels.gatherRows(self, offsets.segmentOfRow, "repeatingRows")
        return Tape.record("repeatingRows", value: value, from: self) { dy in dy.segmentSum(offsets) }
    }

    private func picked(_ offsets: Offsets, _ name: StaticString, _ row: (Range<Int>) -> Int) -> Tensor {
        checkSegments(offsets, name)
        require(offsets.rowCount > 0, name, [self], "needs at least one row")
        let rows = (0..<offsets.count).map { offsets[$0].isEmpty ? 0 : row(offsets[$0]) }
        let result = gatheringRows(at: Tensor(indices: rows))
        return offsets.lengths.contains(0) ? result.filled(with: 0, where: offsets.emptySegments()) : result
    }

    private func checkSegments(_ offsets: Offsets, _ name: StaticString) {
        Kernels.loops(name, self)
        require(
            rank == 2 && shape[0] == offsets.rowCount, name, [self],
            "needs a matrix of \(offsets.rowCount) rows, as the offsets say")
    }
}

extension Kernels {
    static func segmentSum(_ x: Tensor, _ offsets: Offsets) -> Tensor {
        let out = Tensor(uninitialized: [offsets.count, x.shape[1]], dtype: x.dtype)
        loops("segmentSum", x).segment_sum(x.bytes, offsets.values, out.bytes, Int64(offsets.count), Int64(x.shape[1]))
        return out
    }

    /// The row of the first maximum for each segment and column, −1 for empty segments.
    static func segmentMaxRows(_ x: Tensor, _ offsets: Offsets) -> [Int32] {
        var rows = [Int32](repeating: 0, count: offsets.count * x.shape[1])
        let out = Tensor(uninitialized: [offsets.count, x.shape[1]], dtype: x.dtype)
        loops("segmentMax", x).segment_max(x.bytes, offsets.values, out.bytes, &rows, Int64(offsets.count), Int64(x.shape[1]))
        return rows
    }
}
