import Tapestry

/// The directions along which vectors have most of their length: projecting on them keeps dot products best.
struct PrincipalComponents {
    /// `[N, D]`, rows at right angles to each other.
    let directions: Tensor

    /// By subspace iteration on the second moments, which are not centered: cosines are about zero, not about a mean.
    ///
    /// - Parameter vectors: `[M, N]`.
    init(of vectors: Tensor, count: Int, seed: UInt64, iterations: Int = 60) {
        let x = vectors.cast(to: .float64)
        let moments = x.matmul(x, transposingA: true) / Double(x.shape[0])  // [N, N]
        var basis = Self.orthonormal(.normal([count, x.shape[1]], dtype: .float64, key: RandomKey(seed)))
        for _ in 0..<iterations { basis = Self.orthonormal(basis.matmul(moments)) }  // [D, N]
        directions = basis.transposed().cast(to: .float32)
    }

    /// `[M, N] → [M, D]`.
    func callAsFunction(_ vectors: Tensor) -> Tensor { vectors.matmul(directions) }

    /// Gram and Schmidt's, row after row; twice, for the digits.
    private static func orthonormal(_ matrix: Tensor) -> Tensor {
        var rows: [[Double]] = []
        for var row in matrix.rows {
            for _ in 0..<2 {
                for other in rows {
                    let overlap = dot(row, other)
                    for i in row.indices { row[i] -= overlap * other[i] }
                }
            }
            let length = dot(row, row).squareRoot()
            rows.append(row.map { $0 / length })
        }
        return Tensor(rows, dtype: .float64)
    }

    private static func dot(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for i in a.indices { sum += a[i] * b[i] }
        return sum
    }
}
