import COpenBLAS
import Requirements

/// Matrix products in double precision, by OpenBLAS.
///
/// OpenBLAS is pinned to one thread and the split over threads is made here, over rows of the result: its own
/// split would change with the number of threads, and the last bits of the result with it.
enum DoubleGEMM {
    /// C[M, N] = op(A) op(B) + bias.
    static func multiply(
        _ transposingA: Bool, _ transposingB: Bool, _ m: Int, _ n: Int, _ k: Int,
        _ a: UnsafePointer<Double>, _ lda: Int, _ b: UnsafePointer<Double>, _ ldb: Int,
        _ c: UnsafeMutablePointer<Double>, bias: UnsafePointer<Double>?
    ) {
        guard m > 0 && n > 0 else { return }
        require(isPinned, "OpenBLAS did not accept to work with one thread")
        for row in 0..<m {
            if let bias { (c + row * n).update(from: bias, count: n) } else { (c + row * n).update(repeating: 0, count: n) }
        }
        guard k > 0 else { return }
        // Blocks of fixed height: OpenBLAS picks its kernel by shape, so the shape must not depend on threads.
        let height = 64
        let blocks = (m + height - 1) / height
        Parallel.forEach(m * n * k < 32_768 ? 1 : blocks) { block in
            let rows = m * n * k < 32_768 ? 0..<m : block * height..<min(m, (block + 1) * height)
            cblas_dgemm(
                CblasRowMajor, transposingA ? CblasTrans : CblasNoTrans, transposingB ? CblasTrans : CblasNoTrans,
                blasint(rows.count), blasint(n), blasint(k), 1,
                a + (transposingA ? rows.lowerBound : rows.lowerBound * lda), blasint(lda), b, blasint(ldb),
                1, c + rows.lowerBound * n, blasint(n))
        }
    }

    private static let isPinned: Bool = {
        openblas_set_num_threads(1)
        return openblas_get_num_threads() == 1
    }()
}
