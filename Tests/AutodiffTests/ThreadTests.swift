@testable import Autodiff
import CKernels
import Synchronization
import Testing

/// Results are the same bits whatever the number of threads.
@Suite(.serialized) struct ThreadTests {
    private static let x = Tensor.normal([700, 96], key: RandomKey(1))
    private static let w = Tensor.normal([200, 96], key: RandomKey(2))
    private static let offsets = Offsets(lengths: (0..<70).map { $0 % 20 } + [35])

    private static let computations: [(String, @Sendable () -> [Tensor])] = [
        ("matmul", { [x.matmul(w, transposingB: true), x.matmul(x, transposingA: true)] }),
        ("matmul float64", { [x.cast(to: .float64).matmul(w.cast(to: .float64), transposingB: true)] }),
        ("soft-max and sums", { [x.softmax(), x.sum(alongAxis: 0), x.sum(alongAxis: 1), x.sum(), x.logSumExp()] }),
        ("gelu", { valueAndGradients(at: [x]) { $0[0].gelu().sum() }.gradients }),
        (
            "layer norm",
            {
                valueAndGradients(at: [x, w.sliced(0..<1).reshaped([96]), w.sliced(1..<2).reshaped([96])]) {
                    $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5).square().sum()
                }.gradients
            }
        ),
        (
            "attention",
            {
                let q = x.sliced(0..<offsets.rowCount)
                return valueAndGradients(at: [q, q * 0.5, q * 2]) {
                    Tensor.raggedAttention(queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 4).square().sum()
                }.gradients
            }
        ),
        (
            "causal attention",
            {
                let q = x.sliced(0..<offsets.rowCount)
                return valueAndGradients(at: [q, q * 0.5, q * 2]) {
                    Tensor.raggedAttention(
                        queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 4,
                        scores: AttentionScores(isCausal: true)
                    ).square().sum()
                }.gradients
            }
        ),
        (
            "attention with biases by distance",
            {
                let q = x.sliced(0..<offsets.rowCount)
                return valueAndGradients(at: [q, q * 0.5, q * 2, w.sliced(0..<4).sliced(0..<41, alongAxis: 1)]) {
                    let scores = AttentionScores(window: -9...7, bias: DistanceBias($0[3], .positions(upTo: 20)))
                    return Tensor.raggedAttention(
                        queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 4, scores: scores
                    ).square().sum()
                }.gradients
            }
        ),
        ("sum of squares", { [Tensor(Kernels.sumOfSquares(.normal([400_000], key: RandomKey(3))), dtype: .float64)] }),
    ]

    @Test(arguments: computations.indices) func bitsDoNotDependOnThreads(_ index: Int) {
        let original = Parallel.threadCount
        defer { Parallel.threadCount = original }
        let results = [1, 2, 3].map { count in
            Parallel.threadCount = count
            return Self.computations[index].1()
        }
        #expect(results[0] == results[1] && results[0] == results[2], "\(Self.computations[index].0)")
    }

    @Test func inlineWorkStaysOnItsThread() {
        let threads = Mutex(Set<UInt>())
        @Sendable func note() { threads.withLock { _ = $0.insert(UInt(bitPattern: tap_current_thread())) } }
        let results = Parallel.inline {
            Parallel.map(Array(0..<400)) { number in
                note(); return number * 2
            }
        }
        #expect(results == (0..<400).map { 2 * $0 } && threads.withLock { $0.count } == 1)
    }
}
