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
        Kernels.loops(name, self)
        require(rank >= 1 && k >= 0 && k <= n, name, [self], "cannot take \(k) elements of a row")
        let all = detached().values
        var picked: [Int32] = []
        for row in 0..<(n == 0 ? 0 : count / n) {
            let elements = all[row * n..<(row + 1) * n]
            let order = (0..<n).sorted { i, j in
                let (a, b) = (elements[row * n + i], elements[row * n + j])
                if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? i < j : b.isNaN }
                return a == b ? i < j : (a > b) == largest
            }
            picked.append(contentsOf: order.prefix(k).map(Int32.init))
        }
        let indices = Tensor(scalars: picked, shape: shape.dropLast() + [k])
        return (takingAlongLastAxis(indices), indices)
    }
}
