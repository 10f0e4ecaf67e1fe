import CKernels

extension Tensor {
    /// Rows of a matrix in the order of `indices`: an embedding look-up.
    ///
    /// The gradient is row-sparse: only the rows that were taken occur in it.
    ///
    /// - Parameter indices: `[N]`, int32.
    /// - Returns: `[N, D]` for a matrix `[V, D]`.
    public func gatheringRows(at indices: Tensor) -> Tensor {
        let table = self
        require(table.rank == 2 && indices.dtype == .int32 && indices.rank == 1, "gatheringRows", [table, indices],
                "needs a matrix and int32 indices [N]")
        let value = Kernels.gatherRows(table, indices)
        return Tape.record("gatheringRows", value: value, from: [table]) { [rowCount = table.shape[0]] dy, _ in
            [.rows(RowSparseTensor(indices: indices, values: dy, rowCount: rowCount))]
        }
    }

    /// A matrix of zeros to which row `i` of this one is added at row `indices[i]`; what meets adds up.
    ///
    /// - Parameter indices: `[N]`, int32, for a matrix `[N, D]`.
    /// - Returns: `[rowCount, D]`.
    public func scatterAddingRows(at indices: Tensor, rowCount: Int) -> Tensor {
        let x = self
        require(x.rank == 2 && indices.dtype == .int32 && indices.shape == [x.shape[0]], "scatterAddingRows",
                [x, indices], "needs a matrix [N, D] and int32 indices [N]")
        let out = Tensor.zeros([rowCount, x.shape[1]], dtype: dtype)
        Kernels.checkIndices(indices, below: rowCount, "scatterAddingRows", x)
        let (n, width) = (Int64(x.shape[0]), Int64(x.shape[1]))
        if dtype == .float32 {
            tap_scatter_add_rows_f32(out.freshElements(), indices.elements(), elements(), n, width)
        } else {
            tap_scatter_add_rows_f64(out.freshElements(), indices.elements(), elements(), n, width)
        }
        return Tape.record("scatterAddingRows", value: out, from: x) { dy in dy.gatheringRows(at: indices) }
    }

    /// Elements of each row by their column: `result[…, j] = self[…, indices[…, j]]`.
    ///
    /// - Parameter indices: int32; the shape of `self` but for the last axis.
    public func takingAlongLastAxis(_ indices: Tensor) -> Tensor {
        let x = self
        require(rank >= 1 && indices.dtype == .int32 && indices.rank == rank
                && indices.shape.dropLast() == shape.dropLast(), "takingAlongLastAxis", [x, indices],
                "needs int32 indices whose shape differs along the last axis only")
        let (n, k) = (shape[rank - 1], indices.shape[rank - 1])
        Kernels.checkIndices(indices, below: n, "takingAlongLastAxis", x)
        let value = Tensor(uninitialized: indices.shape, dtype: dtype)
        let positions = indices.elements(Int32.self)
        func take<T: TensorElement>(_ type: T.Type) {
            let (source, target) = (elements(T.self), value.freshElements(T.self))
            for i in 0..<indices.count { target[i] = source[i / k * n + Int(positions[i])] }
        }
        switch dtype {
        case .float32: take(Float.self)
        case .float64: take(Double.self)
        case .int32: take(Int32.self)
        case .bool: take(Bool.self)
        }
        return Tape.record("takingAlongLastAxis", value: value, from: x) { dy in
            dy.scatterAddingAlongLastAxis(at: indices, length: n)
        }
    }

    /// The reverse of `takingAlongLastAxis`: zeros, to which each element is added at its column.
    ///
    /// - Parameter indices: int32, the shape of `self`.
    /// - Returns: The shape of `self` with `length` as its last.
    public func scatterAddingAlongLastAxis(at indices: Tensor, length: Int) -> Tensor {
        let x = self
        require(x.shape == indices.shape && indices.dtype == .int32 && dtype.isFloatingPoint,
                "scatterAddingAlongLastAxis", [x, indices], "needs int32 indices of its own shape")
        Kernels.checkIndices(indices, below: length, "scatterAddingAlongLastAxis", x)
        let k = shape[rank - 1]
        let out = Tensor.zeros(shape.dropLast() + [length], dtype: dtype)
        let positions = indices.elements(Int32.self)
        if dtype == .float32 {
            let (source, target) = (elements(Float.self), out.freshElements(Float.self))
            for i in 0..<count { target[i / k * length + Int(positions[i])] += source[i] }
        } else {
            let (source, target) = (elements(Double.self), out.freshElements(Double.self))
            for i in 0..<count { target[i / k * length + Int(positions[i])] += source[i] }
        }
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

    static func gatherRows(_ table: Tensor, _ indices: Tensor) -> Tensor {
        checkIndices(indices, below: table.shape[0], "gatheringRows", table)
        let width = table.shape[1]
        let out = Tensor(uninitialized: [indices.count, width], dtype: table.dtype)
        let (n, w) = (Int64(indices.count), Int64(width))
        if table.dtype == .float32 {
            tap_gather_rows_f32(table.elements(), indices.elements(), out.freshElements(), n, w)
        } else {
            require(table.dtype == .float64, "gatheringRows", [table, indices], "needs float32 or float64")
            tap_gather_rows_f64(table.elements(), indices.elements(), out.freshElements(), n, w)
        }
        return out
    }
}
