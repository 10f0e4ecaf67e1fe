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
        return segmentSum(offsets) * offsets.inverseLengths(dtype)
    }

    /// Sums of rows of a table that are picked by number, as an embedding bag gives them: row `s` is the sum of `self[indices[i]]`
    /// over segment `s`; an empty segment gives zeros.
    ///
    /// The gradient is row-sparse, each row that was taken once.
    ///
    /// - Parameters:
    ///   - indices: `[T]`, int32, for a table `[V, D]`.
    ///   - offsets: Where the `B` segments begin, then `T`.
    /// - Returns: `[B, D]`.
    public func segmentSums(ofRowsAt indices: Tensor, offsets: Offsets) -> Tensor {
        Kernels.loops("segmentSums", self)
        require(
            rank == 2 && indices.dtype == .int32 && indices.shape == [offsets.rowCount], "segmentSums", [self, indices],
            "needs a matrix and int32 indices [\(offsets.rowCount)], as the offsets say")
        let value = Kernels.segmentSums(self, indices, offsets)
        return Tape.record("segmentSums", value: value, from: [self]) { [rowCount = shape[0]] dy, _ in
            // The transposed operation is one of its kind: each row of the table takes the sum over the segments that it stands in.
            let (rows, segments, ends) = offsets.occurrences(of: indices, below: rowCount)
            return [.rows(RowSparseTensor(indices: rows, values: dy.segmentSums(ofRowsAt: segments, offsets: ends), rowCount: rowCount))]
        }
    }

    /// The same as ``segmentSums(ofRowsAt:offsets:)`` with means; an empty segment gives zeros.
    public func segmentMeans(ofRowsAt indices: Tensor, offsets: Offsets) -> Tensor {
        segmentSums(ofRowsAt: indices, offsets: offsets) * offsets.inverseLengths(dtype)
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

extension Offsets {
    /// `[B, 1]`: what a sum over each segment is multiplied by to be a mean.
    fileprivate func inverseLengths(_ dtype: DType) -> Tensor {
        Tensor(lengths.map { 1 / Swift.max(Double($0), 1e-9) }, shape: [count, 1], dtype: dtype)
    }

    /// Where numbers stand: those that occur, ascending; the segments that each stands in, one after another; and where each one's begin.
    fileprivate func occurrences(of indices: Tensor, below bound: Int) -> (rows: Tensor, segments: Tensor, offsets: Offsets) {
        let numbers: [Int32] = indices.scalars()
        var counts = [Int](repeating: 0, count: bound)
        for number in numbers { counts[Int(number)] += 1 }
        let rows = counts.indices.filter { counts[$0] > 0 }
        let ends = Offsets(lengths: rows.map { counts[$0] })
        var next = counts
        for (position, row) in rows.enumerated() { next[row] = Int(ends.values[position]) }
        var segments = [Int32](repeating: 0, count: numbers.count)
        for segment in 0..<count {
            for position in self[segment] {
                let row = Int(numbers[position])
                segments[next[row]] = Int32(segment)
                next[row] += 1
            }
        }
        return (Tensor(indices: rows), Tensor(scalars: segments, shape: [segments.count]), ends)
    }
}

extension Kernels {
    static func segmentSums(_ table: Tensor, _ indices: Tensor, _ offsets: Offsets) -> Tensor {
        checkIndices(indices, below: table.shape[0], "segmentSums", table)
        let width = table.shape[1], out = Tensor(uninitialized: [offsets.count, width], dtype: table.dtype)
        let loops = loops("segmentSums", table)
        let mean = Swift.max(1, offsets.rowCount / Swift.max(1, offsets.count))
        Parallel.forRanges(offsets.count, grain: Swift.max(1, grain / (mean * Swift.max(1, width)))) {
            loops.gather_segment_sum(
                table.bytes, indices.elements(), offsets.values, out.bytes, Int64($0.lowerBound), Int64($0.upperBound), Int64(width))
        }
        return out
    }

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
