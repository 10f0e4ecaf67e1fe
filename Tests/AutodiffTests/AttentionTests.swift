@testable import Autodiff
import Testing

/// Attention by a description of its scores: kernel, composed twin and derivatives agree for every option and pair of options.
struct AttentionTests {
    enum Option: CaseIterable, Sendable {
        case scale, causal, window, rotation, partialRotation, bias, grouped, cross, dropout
    }

    /// A call of attention with some options on small or long sequences.
    struct Setup: Sendable, CustomTestStringConvertible {
        let options: [Option]
        var lengths = [3, 0, 1, 4]
        var keyLengths = [2, 3, 0, 5]
        var testDescription: String { "\(options) \(lengths)" }

        let headCount = 4, headWidth = 4
        var keyHeadCount: Int { options.contains(.grouped) ? 2 : 4 }
        var offsets: Offsets { Offsets(lengths: lengths) }
        var keyOffsets: Offsets? { options.contains(.cross) ? Offsets(lengths: keyLengths) : nil }
        var mask: DropoutMask? { options.contains(.dropout) ? DropoutMask(rate: 0.3, key: RandomKey(5), site: 2) : nil }
        var samples: [UInt32] { lengths.indices.map { UInt32(3 * $0 + 1) } }
        static let buckets = DistanceBuckets.logarithmic(count: 8, maximumDistance: 12)

        /// Queries, keys, values, and a table of biases.
        func operands(_ dtype: DType = .float64) -> [Tensor] {
            let keyShape = [(keyOffsets ?? offsets).rowCount, keyHeadCount * headWidth]
            let shapes =
                [[offsets.rowCount, headCount * headWidth], keyShape, keyShape]
                + (options.contains(.bias) ? [[headCount, Self.buckets.count]] : [])
            return shapes.enumerated().map { Tensor.normal($1, dtype: .float64, key: RandomKey(UInt64($0 + 1))).cast(to: dtype) }
        }

        func scores(_ operands: [Tensor]) -> AttentionScores {
            var scores = AttentionScores()
            if options.contains(.scale) { scores.scale = 0.8 }
            scores.isCausal = options.contains(.causal)
            if options.contains(.window) { scores.window = -2...1 }
            if options.contains(.rotation) { scores.rotation = RotaryEmbedding(width: 4, theta: 10) }
            if options.contains(.partialRotation) {
                scores.rotation = RotaryEmbedding(inverseFrequencies: [0.7], scaling: 1.2)
            }
            if options.contains(.bias) { scores.bias = DistanceBias(operands[3], Self.buckets) }
            return scores
        }

        func fused(_ x: [Tensor]) -> Tensor {
            .raggedAttention(
                queries: x[0], keys: x[1], values: x[2], offsets: offsets, keyOffsets: keyOffsets,
                headCount: headCount, scores: scores(x), dropout: mask, samples: samples)
        }

        func composed(_ x: [Tensor]) -> Tensor {
            AttentionPlan(x, offsets, keyOffsets, headCount, scores(x), mask, samples).composed(x)
        }

        /// The value, and the gradients of a weighted sum of it.
        func run(_ function: ([Tensor]) -> Tensor, _ dtype: DType = .float64) -> [Tensor] {
            let x = operands(dtype)
            let value = function(x)
            let weights = Tensor.uniform(value.shape, from: 0.5, to: 1.5, dtype: .float64, key: RandomKey(77)).cast(to: dtype)
            return [value] + valueAndGradients(at: x) { (function($0) * weights).sum() }.gradients
        }
    }

    static let alone = [[]] + Option.allCases.map { [$0] }
    static let pairs = Option.allCases.indices.flatMap { i in
        Option.allCases[(i + 1)...].map { [Option.allCases[i], $0] }
    }.filter { $0 != [.rotation, .partialRotation] }
    static let all: [Option] = [.scale, .window, .partialRotation, .bias, .grouped, .cross, .dropout]
    static let small = (alone + pairs + [all]).map { Setup(options: $0) }
    /// More queries and keys than the kernel works on at once, and lengths around whole vectors.
    static let long = (alone + [all]).map { Setup(options: $0, lengths: [70, 1, 33, 16], keyLengths: [40, 1, 80, 17]) }

    @Test(arguments: small + long) func kernelEqualsTheComposedTwin(_ setup: Setup) {
        let (fused, composed) = (setup.run(setup.fused), setup.run(setup.composed))
        for (a, b) in zip(fused, composed) {
            #expect(a.maximumDifference(to: b) < 1e-12)
            #expect(b.values.contains { $0 != 0 })
        }
    }

    @Test(arguments: small + long) func float32EqualsFloat64(_ setup: Setup) {
        for (a, b) in zip(setup.run(setup.fused, .float32), setup.run(setup.fused)) {
            #expect(a.cast(to: .float64).maximumDifference(to: b) <= 3e-6 * max(1, b.values.map(abs).max()!))
        }
    }

    @Test(arguments: small, [1, 2]) func derivativesEqualDifferences(_ setup: Setup, order: Int) {
        let tiny = Setup(options: setup.options, lengths: [2, 0, 1, 2], keyLengths: [1, 1, 0, 3])
        let report = gradientCheck(at: tiny.operands(), order: order, tiny.fused)
        #expect(report.passed, "\(report)")
    }

    /// Each sequence gets what it gets alone, and one head of a group what it gets with keys of its own.
    @Test func sequencesAndGroupsAreIndependent() {
        let setup = Setup(options: [.window, .rotation, .bias, .grouped])
        let x = setup.operands()
        let whole = setup.fused(x)
        for sequence in setup.lengths.indices {
            let rows = setup.offsets[sequence], alone = Setup(options: setup.options, lengths: [rows.count])
            #expect(alone.fused(x.prefix(3).map { $0.sliced(rows) } + [x[3]]).maximumDifference(to: whole.sliced(rows)) < 1e-14)
        }
        func repeated(_ x: Tensor) -> Tensor {
            let heads = x.split(lengths: [4, 4], alongAxis: 1)
            return .concatenating([heads[0], heads[0], heads[1], heads[1]], alongAxis: 1)
        }
        let apart = Setup(options: [.window, .rotation, .bias]).fused([x[0], repeated(x[1]), repeated(x[2]), x[3]])
        #expect(apart.maximumDifference(to: whole) < 1e-14)
    }

    @Test func whatIsNotSeenHasNoInfluence() {
        let setup = Setup(options: [.window], lengths: [40])
        let x = setup.operands()
        var masked = [Double](repeating: 0, count: 40 * 16)
        masked.replaceSubrange(10 * 16..<11 * 16, with: repeatElement(1, count: 16))
        let row = Tensor(masked, shape: [40, 16], dtype: .float64)
        let gradients = valueAndGradients(at: x) { (setup.fused($0) * row).sum() }.gradients
        for gradient in gradients.dropFirst() {
            let touched = (0..<40).filter { gradient[$0].values.contains { $0 != 0 } }
            #expect(touched == [8, 9, 10, 11])
        }
    }

    @Test func aQueryWithoutKeysGetsZeros() {
        let setup = Setup(options: [.cross, .window, .causal], lengths: [9, 2], keyLengths: [3, 0])
        let y = setup.fused(setup.operands())
        #expect(y.sliced(5..<11) == .zeros([6, 16], dtype: .float64))
        #expect((0..<5).allSatisfy { y[$0].values.contains { $0 != 0 } })
    }

    @Test func mistakesTrap() async {
        await #expect(processExitsWith: .failure) {
            let x = Tensor(indices: [1, 2]).reshaped([1, 2])
            _ = Tensor.raggedAttention(queries: x, keys: x, values: x, offsets: Offsets([0, 1]), headCount: 1)
        }
        await #expect(processExitsWith: .failure) {  // three key heads do not serve four
            let (q, k) = (Tensor.zeros([2, 8]), Tensor.zeros([2, 6]))
            _ = Tensor.raggedAttention(queries: q, keys: k, values: k, offsets: Offsets([0, 2]), headCount: 4)
        }
        await #expect(processExitsWith: .failure) {  // a bias for one head of two
            let x = Tensor.zeros([2, 8])
            let scores = AttentionScores(bias: DistanceBias(.zeros([1, 3]), .positions(upTo: 1)))
            _ = Tensor.raggedAttention(queries: x, keys: x, values: x, offsets: Offsets([0, 2]), headCount: 2, scores: scores)
        }
        await #expect(processExitsWith: .failure) {  // memories of three sequences for one
            let x = Tensor.zeros([2, 8])
            let three = Offsets([0, 1, 1, 2])
            _ = Tensor.raggedAttention(queries: x, keys: x, values: x, offsets: Offsets([0, 2]), keyOffsets: three, headCount: 2)
        }
    }

    @Test func closedRangesOfPositionsAreWindows() {
        let scores = AttentionScores(isCausal: true, window: -2...1)
        #expect((-4...3).filter(scores.sees) == [-2, -1, 0])
        #expect((-4...3).filter(AttentionScores(window: 1...2).sees) == [1, 2])
    }

    /// The gradient of a gradient's norm on 64 texts of 20 tokens, 12 heads and a width of 768.
    @Test(arguments: [[Int](repeating: 20, count: 64), (0..<64).map { 10 + 20 * $0 / 63 }])
    func secondDerivativesTakeLittleMemory(_ lengths: [Int]) {
        let offsets = Offsets(lengths: lengths)
        let x = (1...3).map { Tensor.normal([offsets.rowCount, 768], key: RandomKey($0)) }
        // Tests that run beside this one use memory, too: the smallest of three measurements is still an upper bound.
        let used = (0..<3).map { _ in
            CachingAllocator.resetHighWaterMark()
            let gradients = valueAndGradients(at: x) { x in
                let inner = valueAndGradients(at: x) {
                    Tensor.raggedAttention(queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 12)
                        .square().sum()
                }
                return inner.gradients.reduce(Tensor(0)) { $0 + $1.square().sum() }
            }.gradients
            #expect(gradients.allSatisfy { $0.isFinite })
            return CachingAllocator.statistics.highWaterMark
        }.min()!
        #expect(used < 500_000_000)
    }
}
