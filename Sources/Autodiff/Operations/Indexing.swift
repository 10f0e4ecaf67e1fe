import CKernels

extension Tensor {
    /// Rows of a matrix, of any dtype, in the order of `indices`: an embedding look-up.
    ///
    /// The gradient is row-sparse: only the rows that were taken occur in it.
    ///
    /// - Parameter indices: `[N]`, int32.
    /// - Returns: `[N, D]` for a matrix `[V, D]`.
    public func gatheringRows(at indices: Tensor) -> Tensor {
        let table = self
        require(
            table.rank == 2 && indices.dtype == .int32 && indices.rank == 1, "gatheringRows", [table, indices],
            "needs a matrix and int32 indices [N]")
        let value = Kernels.gatherRows(table, indices, "gatheringRows")
        return Tape.record("gatheringRows", value: value, from: [table]) { [rowCount = table.shape[0]] dy, _ in
            [.rows(RowSparseTensor(indices: indices, values: dy, rowCount: rowCount))]
        }
    }

    /// A matrix of zeros to which row `i` of this one is added at row `indices[i]`; what meets adds up.
    ///
    /// - Parameters:
    ///   - indices: `[N]`, int32, for a matrix `[N, D]`.
    ///   - rowCount: Rows of the result.
    /// - Returns: `[rowCount, D]`.
    public func scatterAddingRows(at indices: Tensor, rowCount: Int) -> Tensor {
        let x = self
        require(
            x.rank == 2 && indices.dtype == .int32 && indices.shape == [x.shape[0]], "scatterAddingRows",
            [x, indices], "needs a matrix [N, D] and int32 indices [N]")
        let loops = Kernels.loops("scatterAddingRows", x)
        let out = Tensor.zeros([rowCount, x.shape[1]], dtype: dtype)
        Kernels.checkIndices(indices, below: rowCount, "scatterAddingRows", x)
        loops.scatter_add_rows(out.bytes, indices.elements(), bytes, Int64(x.shape[0]), Int64(x.shape[1]))
        return Tape.record("scatterAddingRows", value: out, from: x) { dy in dy.gatheringRows(at: indices) }
    }

    /// Elements of each row by their column: `result[…, j] = self[…, indices[…, j]]`.
    ///
    /// - Parameter indices: int32; the shape of `self` but for the last axis.
    public func takingAlongLastAxis(_ indices: Tensor) -> Tensor {
        let x = self
        require(
            rank >= 1 && indices.dtype == .int32 && indices.rank == rank
                && indices.shape.dropLast() == shape.dropLast(), "takingAlongLastAxis", [x, indices],
            "needs int32 indices whose shape differs along the last axis only")
        let (n, k) = (shape[rank - 1], indices.shape[rank - 1])
        Kernels.checkIndices(indices, below: n, "takingAlongLastAxis", x)
        let value = Tensor(uninitialized: indices.shape, dtype: dtype)
        tap_gather_columns(
            Int64(dtype.byteCount), bytes, indices.elements(), value.bytes, Int64(k == 0 ? 0 : indices.count / k),
            Int64(n), Int64(k))
        return Tape.record("takingAlongLastAxis", value: value, from: x) { dy in
            dy.scatterAddingAlongLastAxis(at: indices, length: n)
        }
    }

    /// The reverse of `takingAlongLastAxis`: zeros, to which each element is added at its column.
    ///
    /// - Parameters:
    ///   - indices: int32, the shape of `self`.
    ///   - length: Of the last axis of the result.
    /// - Returns: The shape of `self` with `length` as its last.
    public func scatterAddingAlongLastAxis(at indices: Tensor, length: Int) -> Tensor {
        let x = self
        let loops = Kernels.loops("scatterAddingAlongLastAxis", x)
        require(
            rank >= 1 && x.shape == indices.shape && indices.dtype == .int32,
            "scatterAddingAlongLastAxis", [x, indices], "needs int32 indices of its own shape")
        Kernels.checkIndices(indices, below: length, "scatterAddingAlongLastAxis", x)
        let k = shape[rank - 1]
        let out = Tensor.zeros(shape.dropLast() + [length], dtype: dtype)
        loops.scatter_add_columns(out.bytes, indices.elements(), bytes, Int64(k == 0 ? 0 : count / k), Int64(length), Int64(k))
        return Tape.record("scatterAddingAlongLastAxis", value: out, from: x) { dy in
            dy.takingAlongLastAxis(indices)
        }
    }

    /// Puts elements of an axis of length one at a position each on an axis of zeros of the given length.
    func placed(at indices: Tensor, alongAxis axis: Int, length: Int) -> Tensor {
        if axis == rank - 1 { return scatterAddingAlongLastAxis(at: indices, length: length) }
        let order = (0..<rank).filter { $0 != axis } + [axis]
        var inverse = order
        for (position, original) in order.enumerated() { inverse[original] = position }
        return permuted(axes: order)
            .scatterAddingAlongLastAxis(at: indices.permuted(axes: order), length: length)
            .permuted(axes: inverse)
    }
}

extension Kernels {
    static func checkIndices(_ indices: Tensor, below bound: Int, _ name: StaticString, _ x: Tensor) {
        let values = UnsafeBufferPointer(start: indices.elements(Int32.self), count: indices.count)
        for index in values where index < 0 || Int(index) >= bound {
            shapeError(name, [x, indices], "index \(index) is not in 0..<\(bound)")
        }
    }

    static func gatherRows(_ table: Tensor, _ indices: Tensor, _ name: StaticString) -> Tensor {
        checkIndices(indices, below: table.shape[0], name, table)
        let out = Tensor(uninitialized: [indices.count, table.shape[1]], dtype: table.dtype)
        let rowBytes = Int64(table.shape[1] * table.dtype.byteCount)
        tap_gather_rows(table.bytes, indices.elements(), out.bytes, Int64(indices.count), rowBytes)
        return out
    }
}
