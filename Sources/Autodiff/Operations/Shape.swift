import CKernels

// Operations that move elements without computing.
extension Tensor {
    /// The same elements in another shape, sharing the memory. One length may be −1: whatever is left.
    public func reshaped(_ shape: [Int]) -> Tensor {
        var shape = shape
        if let open = shape.firstIndex(of: -1) {
            let known = shape.reduce(1) { $1 == -1 ? $0 : $0 * $1 }
            shape[open] = known == 0 ? 0 : count / known
        }
        let x = self
        if shape == x.shape { return x }
        require(shape.product == count, "reshaped", [x], "does not hold the elements of shape \(shape)")
        return Tape.record("reshaped", value: view(from: 0, shape: shape), from: x) { [original = x.shape] dy in
            dy.reshaped(original)
        }
    }

    /// The two axes of a matrix swapped.
    public func transposed() -> Tensor {
        require(rank == 2, "transposed", [self], "needs two axes; use permuted(axes:)")
        return permuted(axes: [1, 0])
    }

    /// Axis `i` of the result is axis `axes[i]` of this tensor.
    public func permuted(axes: [Int]) -> Tensor {
        require(axes.sorted() == Array(0..<rank), "permuted", [self], "\(axes) is no order of its axes")
        let value = Tensor(uninitialized: axes.map { shape[$0] }, dtype: dtype)
        tap_permute(bytes, value.bytes, Int64(dtype.byteCount), Int64(rank), shape.map(Int64.init), axes.map(Int64.init))
        return Tape.record("permuted", value: value, from: self) { dy in
            var inverse = axes
            for (position, axis) in axes.enumerated() { inverse[axis] = position }
            return dy.permuted(axes: inverse)
        }
    }

    /// One after the other along an axis; all other lengths are equal.
    public static func concatenating(_ tensors: [Tensor], alongAxis axis: Int = 0) -> Tensor {
        require(!tensors.isEmpty, "concatenating", tensors, "needs at least one tensor")
        if tensors.count == 1 { return tensors[0] }
        let axis = tensors[0].normalized(axis: axis, "concatenating")
        let first = AxisView(tensors[0], axis: axis, "concatenating")
        for tensor in tensors {
            require(
                tensor.dtype == tensors[0].dtype && tensor.rank == tensors[0].rank
                    && AxisView(tensor, axis: axis, "concatenating").keptShape == first.keptShape,
                "concatenating", tensors, "dtypes must be equal, shapes may differ along axis \(axis) only")
        }
        let lengths = tensors.map { $0.shape[axis] }
        var shape = tensors[0].shape
        shape[axis] = lengths.reduce(0, +)
        let value = Tensor(uninitialized: shape, dtype: tensors[0].dtype)
        let unit = first.inner * value.dtype.byteCount
        let rowBytes = Int64(shape[axis] * unit)
        var position = 0
        for (tensor, length) in zip(tensors, lengths) {
            let bytes = Int64(length * unit)
            tap_copy_blocks(tensor.bytes, bytes, value.bytes + position * unit, rowBytes, bytes, Int64(first.outer))
            position += length
        }
        return Tape.record("concatenating", value: value, from: tensors) { dy, wanted in
            var position = 0
            return zip(lengths, wanted).map { length, isWanted in
                defer { position += length }
                return isWanted ? .dense(dy.sliced(position..<position + length, alongAxis: axis)) : nil
            }
        }
    }

    /// Tensors of one shape as the entries of a new first axis.
    public static func stacking(_ tensors: [Tensor]) -> Tensor {
        require(
            tensors.allSatisfy { $0.dtype == tensors[0].dtype && $0.shape == tensors[0].shape }, "stacking", tensors,
            "shapes and dtypes must be equal")
        return concatenating(tensors.map { $0.reshaped([1] + $0.shape) }, alongAxis: 0)
    }

    /// The elements whose position on an axis lies in `range`. Rows (axis 0) share the memory.
    public func sliced(_ range: Range<Int>, alongAxis axis: Int = 0) -> Tensor {
        let x = self
        let view = AxisView(x, axis: axis, "sliced")
        require(
            range.lowerBound >= 0 && range.upperBound <= view.length, "sliced", [x],
            "\(range) is not within axis \(view.axis)")
        var shape = x.shape
        shape[view.axis] = range.count
        let value: Tensor
        if view.outer == 1 {
            value = self.view(from: range.lowerBound * view.inner, shape: shape)
        } else {
            value = Tensor(uninitialized: shape, dtype: dtype)
            let unit = view.inner * dtype.byteCount
            tap_copy_blocks(
                bytes + range.lowerBound * unit, Int64(view.length * unit), value.bytes,
                Int64(range.count * unit), Int64(range.count * unit), Int64(view.outer))
        }
        return Tape.recordSlice("sliced", value: value, of: x, range, alongAxis: view.axis)
    }

    /// The tensor cut along an axis into pieces of the given lengths.
    public func split(lengths: [Int], alongAxis axis: Int = 0) -> [Tensor] {
        require(
            lengths.reduce(0, +) == length(ofAxis: axis), "split", [self],
            "lengths \(lengths) do not add up to axis \(axis)")
        var position = 0
        return lengths.map { length in
            defer { position += length }
            return sliced(position..<position + length, alongAxis: axis)
        }
    }

    /// Row `i`: the tensor without its first axis.
    public subscript(row: Int) -> Tensor {
        require(rank >= 1 && row >= 0 && row < shape[0], "subscript", [self], "there is no row \(row)")
        return sliced(row..<row + 1).reshaped(Array(shape.dropFirst()))
    }

    /// `[n]`: the diagonal of a square matrix.
    public func diagonal() -> Tensor {
        require(rank == 2 && shape[0] == shape[1], "diagonal", [self], "needs a square matrix")
        return takingAlongLastAxis(Tensor(indices: Array(0..<shape[0])).reshaped([shape[0], 1])).reshaped([shape[0]])
    }
}
