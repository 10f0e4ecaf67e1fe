extension Tensor {
    /// Each row along the last axis in order; equal elements keep their order, NaN comes last.
    ///
    /// - Returns: The values, through which gradients flow, and where each stood: int32, the shape of `self`.
    public func sorted(descending: Bool = false) -> (values: Tensor, indices: Tensor) {
        ordered(shape.last ?? 0, largest: descending, "sorted")
    }

    /// The `k` largest (or smallest) elements of each row along the last axis, in order.
    ///
    /// - Returns: `[…, k]`: the values, through which gradients flow, and where each stood, int32.
    public func topK(_ k: Int, largest: Bool = true) -> (values: Tensor, indices: Tensor) {
        ordered(k, largest: largest, "topK")
    }

    private func ordered(_ k: Int, largest: Bool, _ name: StaticString) -> (values: Tensor, indices: Tensor) {
        let n = shape.last ?? 0
        let loops = Kernels.loops(name, self)
        require(rank >= 1 && k >= 0 && k <= n, name, [self], "cannot take \(k) elements of a row")
        let indices = Tensor(uninitialized: shape.dropLast() + [k], dtype: .int32)
        if k > 0 {
            let places: UnsafeMutablePointer<Int32> = indices.freshElements()
            Parallel.forRanges(count / n, grain: Swift.max(1, Kernels.grain / 4 / n)) { rows in
                loops.order(at(rows.lowerBound * n), places + rows.lowerBound * k, Int64(rows.count), Int64(n), Int64(k), largest)
            }
        }
        return (takingAlongLastAxis(indices), indices)
    }
}
