import CKernels

/// How two operands of an element-wise operation meet.
///
/// Axes of length one stretch, where both ranks are written out; a scalar meets anything. Axes that behave alike
/// are merged, so that the inner loop is as long as it can be.
struct Broadcasting {
    let shape: [Int]
    /// Merged axes from the outside in; strides in elements, 0 where an operand is stretched.
    private(set) var axes: [(length: Int, strideA: Int, strideB: Int)] = []

    init(_ a: Tensor, _ b: Tensor, _ operation: StaticString) {
        if a.shape == b.shape {
            shape = a.shape
            axes = [(shape.product, 1, 1)]
            return
        }
        if b.rank == 0 || a.rank == 0 {
            shape = b.rank == 0 ? a.shape : b.shape
            axes = [(shape.product, a.rank == 0 ? 0 : 1, b.rank == 0 ? 0 : 1)]
            return
        }
        require(
            a.rank == b.rank, operation, [a, b],
            "ranks differ; write axes of length 1 where one operand is to be repeated")
        var result: [Int] = []
        result.reserveCapacity(a.rank)
        for (x, y) in zip(a.shape, b.shape) {
            require(x == y || x == 1 || y == 1, operation, [a, b], "lengths \(x) and \(y) do not go together")
            result.append(x == 1 ? y : x)
        }
        shape = result
        var (strideA, strideB) = (1, 1)
        for axis in stride(from: a.rank - 1, through: 0, by: -1) {
            let length = result[axis]
            let a1 = a.shape[axis] == length ? strideA : 0
            let b1 = b.shape[axis] == length ? strideB : 0
            strideA *= a.shape[axis]
            strideB *= b.shape[axis]
            if length == 1 { continue }
            if let inner = axes.last, a1 == inner.strideA * inner.length, b1 == inner.strideB * inner.length {
                axes[axes.count - 1].length *= length
            } else {
                axes.append((length, a1, b1))
            }
        }
        axes.reverse()
        if axes.isEmpty { axes = [(1, 1, 1)] }
    }

    /// Calls `body` for every innermost run: offsets into a, b and the output, strides 0 or 1, and its length.
    func forEachRun(_ body: (_ a: Int, _ b: Int, _ out: Int, _ sa: Int64, _ sb: Int64, _ n: Int64) -> Void) {
        let inner = axes[axes.count - 1]
        let (sa, sb, n) = (Int64(inner.strideA), Int64(inner.strideB), Int64(inner.length))
        if axes.count == 1 {
            guard inner.length > Kernels.grain else { return body(0, 0, 0, sa, sb, n) }
            Parallel.forRanges(inner.length, grain: Kernels.grain) { range in
                let first = range.lowerBound
                body(first * inner.strideA, first * inner.strideB, first, sa, sb, Int64(range.count))
            }
            return
        }
        let outerCount = axes.dropLast().reduce(1) { $0 * $1.length }
        guard outerCount > 0, inner.length > 0 else { return }
        Parallel.forRanges(outerCount, grain: max(64, Kernels.grain / inner.length)) { range in
            for position in range {
                var (rest, a, b) = (position, 0, 0)
                for axis in stride(from: axes.count - 2, through: 0, by: -1) {
                    let index = rest % axes[axis].length
                    rest /= axes[axis].length
                    a += index * axes[axis].strideA
                    b += index * axes[axis].strideB
                }
                body(a, b, position * inner.length, sa, sb, n)
            }
        }
    }
}
