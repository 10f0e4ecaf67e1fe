import CKernels

/// Cosine of the angle between every row of `a` and every row of `b`; rows are divided by at least 1e-12.
///
/// - Returns: `[M, N]` for `[M, D]` and `[N, D]`.
public func cosineSimilarity(_ a: Tensor, _ b: Tensor) -> Tensor {
    Kernels.loops("cosineSimilarity", a, b)
    return a.normalized().matmul(b.normalized(), transposingB: true)
}

/// Cosine of the angle between rows of equal number: `[B]`.
///
/// - Parameters:
///   - a: `[B, D]`.
///   - b: `[B, D]`.
///   - epsilon: Each row's length counts as at least this.
public func pairwiseCosineSimilarity(_ a: Tensor, _ b: Tensor, epsilon: Double = 1e-12) -> Tensor {
    Kernels.loops("pairwiseCosineSimilarity", a, b)
    return (a.normalized(epsilon: epsilon) * b.normalized(epsilon: epsilon)).sum(alongAxis: -1)
}

/// Scalar products of every row of `a` with every row of `b`: `[M, N]`.
public func dotProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    Kernels.loops("dotProduct", a, b)
    return a.matmul(b, transposingB: true)
}

/// Scalar products of rows of equal number: `[B]`.
public func pairwiseDotProduct(_ a: Tensor, _ b: Tensor) -> Tensor {
    Kernels.loops("pairwiseDotProduct", a, b)
    return (a * b).sum(alongAxis: -1)
}

/// Euclidean distances of rows of equal number: `[B]`. The gradient at distance zero is zero.
public func pairwiseEuclideanDistance(_ a: Tensor, _ b: Tensor) -> Tensor {
    Kernels.loops("pairwiseEuclideanDistance", a, b)
    return (a - b).norm(alongAxis: -1)
}

/// Sums of absolute differences of rows of equal number: `[B]`.
public func pairwiseManhattanDistance(_ a: Tensor, _ b: Tensor) -> Tensor {
    Kernels.loops("pairwiseManhattanDistance", a, b)
    return (a - b).l1Norm(alongAxis: -1)
}

/// Euclidean distance of every row of `a` from every row of `b`, from the differences themselves (no loss of
/// digits between near rows): `[M, N]`. The gradient at distance zero is zero.
public func euclideanDistance(_ a: Tensor, _ b: Tensor) -> Tensor {
    // d y / d a = (a − b) / y, nothing where y is zero.
    func weights(_ dy: Tensor) -> Tensor {
        let y = euclideanDistance(a, b)
        let isZero = y.detached() .== 0
        return (dy / y.filled(with: 1, where: isZero)).filled(with: 0, where: isZero)  // [M, N]
    }
    return Tape.record(
        "euclideanDistance", value: Kernels.distanceMatrix(2, a, b, "euclideanDistance"), from: a, b,
        pullbackA: { dy in
            let w = weights(dy)
            return a * w.sum(alongAxis: 1, keepingAxis: true) - w.matmul(b)
        },
        pullbackB: { dy in
            let w = weights(dy)
            return b * w.sum(alongAxis: 0).reshaped([-1, 1]) - w.matmul(a, transposingA: true)
        })
}

/// Sum of absolute differences of every row of `a` from every row of `b`: `[M, N]`.
public func manhattanDistance(_ a: Tensor, _ b: Tensor) -> Tensor {
    let value = Kernels.distanceMatrix(1, a, b, "manhattanDistance")
    // One row at a time: the signs of all differences together would be an [M, N, D] tensor.
    func signs(_ row: Int) -> Tensor { (a.detached().sliced(row..<row + 1) - b.detached()).sign() }  // [N, D]
    return Tape.record(
        "manhattanDistance", value: value, from: a, b,
        pullbackA: { dy in
            .concatenating((0..<a.shape[0]).map { dy.sliced($0..<$0 + 1).matmul(signs($0)) })
        },
        pullbackB: { dy in
            (0..<a.shape[0]).reduce(.zeros(b.shape, dtype: b.dtype)) { sum, row in
                sum - dy.sliced(row..<row + 1).reshaped([-1, 1]) * signs(row)
            }
        })
}

extension Kernels {
    static func distanceMatrix(_ p: Int32, _ a: Tensor, _ b: Tensor, _ name: StaticString) -> Tensor {
        let loops = loops(name, a, b)
        require(a.rank == 2 && b.rank == 2 && a.shape[1] == b.shape[1], name, [a, b], "needs two matrices of one width")
        let out = Tensor(uninitialized: [a.shape[0], b.shape[0]], dtype: a.dtype)
        let (n, width) = (b.shape[0], a.shape[1])
        Parallel.forRanges(a.shape[0], grain: max(1, grain / max(1, n * width))) { rows in
            let first = rows.lowerBound
            loops.distance_matrix(p, a.at(first * width), b.bytes, out.at(first * n), Int64(rows.count), Int64(n), Int64(width))
        }
        return out
    }
}
