extension Tensor {
    /// `ln Σⱼ≥ᵢ exp(xⱼ)` for each element i of a vector: `[n]`. In O(n log n), without any difference that could cancel.
    public func reversedCumulativeLogSumExp() -> Tensor {
        Kernels.loops("reversedCumulativeLogSumExp", self)
        require(rank == 1, "reversedCumulativeLogSumExp", [self], "needs a vector")
        let n = count
        var sums = self
        var reach = 1
        // Each element holds the sum over `reach` elements from its own on (Hillis & Steele 1986).
        while reach < n {
            let joined = Tensor.stacking([sums.sliced(0..<n - reach), sums.sliced(reach..<n)]).logSumExp(alongAxis: 0)
            sums = .concatenating([joined, sums.sliced(n - reach..<n)])
            reach *= 2
        }
        return sums
    }

    /// The elements of a vector at the given positions: `[k]`.
    public func taking(_ positions: [Int]) -> Tensor {
        require(rank == 1, "taking", [self], "needs a vector")
        return reshaped([count, 1]).gatheringRows(at: Tensor(indices: positions)).reshaped([positions.count])
    }
}
