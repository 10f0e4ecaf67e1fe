@testable import Autodiff
import Testing

/// Features together: gradients inside of gradients by every kind of entry, checks inside of checks, blocks that share operands.
struct CombinationTests {
    private let x = Tensor([0.5, -1.5, 2.25], dtype: .float64)
    private let m = Tensor.normal([3, 3], dtype: .float64, key: RandomKey(2))

    /// What reaches an outer gradient by the left operand alone, by the right one, by a list of operands, or by a slice.
    static let links: [(name: String, function: @Sendable (_ inner: Tensor, _ outer: Tensor) -> Tensor)] = [
        ("left", { ($1 * $0.exp()).sum() }), ("right", { ($0.exp() * $1).sum() }),
        ("right of a constant", { $0.exp().sum() * (Tensor(3, dtype: .float64) * $1.sum()) }),
        ("concatenating", { Tensor.concatenating([$0.exp(), $1]).sum().pow(3) }),
        ("gathering", { ($1.reshaped([3, 1]).gatheringRows(at: Tensor(indices: [2, 0, 2])).reshaped([3]) * $0.pow(3)).sum() }),
        ("slice", { ($1.sliced(1..<3) * $0.sliced(0..<2).pow(3)).sum() }), ("unary", { ($1.exp() * $0.pow(3)).sum() }),
        ("product", { $0.reshaped([1, 3]).exp().matmul($1.reshaped([3, 1])).square().sum() }),
        ("fused", { $0.reshaped([1, 3]).exp().linear(weight: $1.reshaped([1, 3]), bias: $1.sum().reshaped([1])).square().sum() }),
    ]

    @Test(arguments: links.indices) func gradientsReachTheOuterOnes(_ number: Int) {
        let function = Self.links[number].function
        let report = gradientCheck(at: [x * 0.3]) { outer in gradient(at: m[0]) { inner in function(inner, outer[0]) }.square().sum() }
        #expect(report.passed, "\(Self.links[number].name): \(report)")
        #expect(
            gradient(at: x) { outer in gradient(at: m[0]) { inner in function(inner, outer) }.square().sum() }.values.contains { $0 != 0 })
    }

    /// Shared operands add up over all blocks, also the last, shorter one; what comes from outside reaches each.
    @Test(arguments: [1, 2, 3, 4, 5, 7, 8]) func blocksAddUp(_ blockSize: Int) {
        let rows = [Tensor.normal([7, 3], dtype: .float64, key: RandomKey(1)), .normal([7, 2], dtype: .float64, key: RandomKey(3))]
        let shared = [m, Tensor.normal([2, 2], dtype: .float64, key: RandomKey(4))]
        func sum(_ x: [Tensor], _ size: Int) -> Tensor {
            blockwiseSum(Array(x[..<2]), with: Array(x[2...]), blockSize: size) { range, rows, shared in
                #expect(rows[0].shape[0] == range.count)
                return (rows[0].matmul(shared[0]).sum(alongAxis: 1) * rows[1].matmul(shared[1]).exp().sum(alongAxis: 1)).sum()
                    * (1 + Double(range.lowerBound) * 0)
            }
        }
        func run(_ size: Int) -> (value: Tensor, gradients: [Tensor]) {
            valueAndGradients(at: rows + shared) { (sum($0, size) * -2.5).square() }
        }
        let (whole, blocks) = (run(100), run(blockSize))
        #expect(abs(whole.value.item - blocks.value.item) < 1e-10 * max(1, abs(whole.value.item)))
        for (a, b) in zip(whole.gradients, blocks.gradients) { #expect(a.maximumDifference(to: b) < 1e-10 * max(1, a.abs().max().item)) }
        // Rows alone, and what is shared alone.
        for wanted in [0..<2, 2..<4] {
            let all = rows + shared
            func part(_ size: Int) -> [Tensor] {
                valueAndGradients(at: Array(all[wanted])) { some in
                    var x = all
                    x.replaceSubrange(wanted, with: some)
                    return sum(x, size)
                }.gradients
            }
            for (a, b) in zip(part(100), part(blockSize)) { #expect(a.maximumDifference(to: b) < 1e-10 * max(1, a.abs().max().item)) }
        }
    }

    @Test func detectionStaysOnInside() {
        // Who looks for anomalies sees those of a gradient that was asked for without.
        #expect(throws: Anomaly.self) {
            try detectAnomalies { tape in
                let a = tape.watch(Tensor([0, 1]))
                _ = try withInnermostTape(of: [a], detectingAnomalies: false) { _ in a.log() }
                return a
            }
        }
        #expect(throws: Anomaly.self) {
            try withTape(detectingAnomalies: false) { tape in
                let a = tape.watch(Tensor([0, 1]))
                return try withInnermostTape(of: [a], detectingAnomalies: true) { _ in a.log() }
            }
        }
    }

    @Test func candidatesThatWereRemovedAreNoAnomalies() throws {
        let logits = Tensor([[1, 2, 3], [3, 2, 1]], dtype: .float64)
        let mask = Tensor(scalars: [false, true, false, false, false, true], shape: [2, 3])
        let value = try detectAnomalies { tape in
            let a = tape.watch(logits).filled(with: -.infinity, where: mask)
            let moved = Tensor.concatenating([a, a], alongAxis: 1).sliced(1..<5, alongAxis: 1).permuted(axes: [1, 0]).reshaped([8])
                .reshaped([4, 2]).transposed()
            let y = moved.crossEntropy(targets: Tensor(indices: [1, 2]))
            #expect(tape.pullback(of: y, to: [a])[0] != nil)
            return y.item
        }
        #expect(value.isFinite)
    }

    /// A row of log-sum-exp without any finite element, beside one that has some.
    @Test func aRowOfNothingHasNoGradient() {
        let x = Tensor([[-.infinity, -.infinity], [0, -.infinity]], dtype: .float64)
        for (axis, input) in [(1, x), (0, x.transposed())] {
            let found = gradient(at: input) {
                ($0.logSumExp(alongAxis: axis).filled(with: 0, where: Tensor(scalars: [true, false], shape: [2])) * 2).sum()
            }
            #expect((axis == 1 ? found : found.transposed()) == Tensor([[0, 0], [2, 0]], dtype: .float64))
        }
    }

    @Test func emptySegmentsGiveZerosAndGetNothing() {
        let x = Tensor.normal([5, 2], dtype: .float64, key: RandomKey(1)), offsets = Offsets([0, 0, 2, 2, 5, 5])
        for (pick, rows) in [(Tensor.segmentFirst, [nil, 0, nil, 2, nil]), (Tensor.segmentLast, [nil, 1, nil, 4, nil])]
            as [((Tensor) -> (Offsets) -> Tensor, [Int?])]
        {
            #expect(pick(x)(offsets).rows == rows.map { $0.map { x.rows[$0] } ?? [0, 0] })
            let found = gradient(at: x) { pick($0)(offsets).sum() }.rows
            #expect(found == (0..<5).map { rows.contains($0) ? [1, 1] : [0, 0] })
        }
        // Far from zero, where powers alone would be infinite.
        let far = x + 900
        let soft = far.segmentSoftmax(offsets)
        #expect(soft.maximumDifference(to: x.segmentSoftmax(offsets)) < 1e-12 && soft.sum().item.isFinite)
        #expect((x - 900).segmentSoftmax(offsets).maximumDifference(to: soft) < 1e-12)
    }

    @Test func meansOfSeveralAxesDivideByAllOfThem() {
        let x = Tensor.normal([2, 3, 4], dtype: .float64, key: RandomKey(1))
        for axes in [[0, 1], [1, 2], [0, 2], [2, 0, 1], [-1, 0]] {
            let sum = x.sum(alongAxes: axes)
            let count = axes.reduce(1) { $0 * x.shape[$1 < 0 ? $1 + 3 : $1] }
            #expect(x.mean(alongAxes: axes).maximumDifference(to: sum / Double(count)) < 1e-15)
        }
    }

    @Test func windowsThatEndBeforeTheQueryStayThereWhenCausal() {
        let scores = AttentionScores(isCausal: true, window: -3 ... -2)
        #expect((-5...3).filter(scores.sees) == [-3, -2])
        #expect(
            scores.highest == -2 && AttentionScores(isCausal: true).highest == 0
                && AttentionScores(isCausal: true, window: -3...4).highest == 0)
    }

    @Test func keysDependOnEveryBitOfANumber() {
        let key = RandomKey(5)
        let numbers: [UInt64] = [0, 1, 1 << 31, 1 << 32, 1 << 32 + 1, 1 << 63, .max]
        #expect(Set(numbers.map { key.folded(with: $0) }).count == numbers.count)
        #expect(Set((0..<64).map { RandomKey(1 << $0).folded(with: 3) }).count == 64)
    }

    /// Memory that somebody else owns is not written into, whoever holds it.
    @Test func whatIsLentIsCopiedBeforeItIsChanged() {
        final class Memory { let values = UnsafeMutablePointer<Double>.allocate(capacity: 3) }
        let memory = Memory()
        memory.values.update(from: [1, 2, 3], count: 3)
        for isExclusive in [false, true] {
            var lent = Tensor(
                sharing: UnsafeMutableRawPointer(memory.values), shape: [3], dtype: .float64, owner: memory, isExclusive: isExclusive)
            lent.add(.ones([3], dtype: .float64), times: 1)
            #expect(lent.values == [2, 3, 4] && memory.values[0] == (isExclusive ? 2 : 1))
        }
    }

    @Test func whatWasNotComparedDidNotPass() {
        #expect(!gradientCheck(at: [Tensor.zeros([0], dtype: .float64)]) { $0[0].sum() }.passed)
        // Right by the first input, NaN by the second.
        let inputs = [0.5, 1].map { Tensor([$0], dtype: .float64) }
        let report = gradientCheck(at: inputs) { inputs in
            inputs[0].sin() + Tape.record("own", value: inputs[1].detached(), from: inputs[1]) { $0 * .nan }
        }
        #expect(!report.passed && report.worst?.input == "input 1" && report.worst?.error == .infinity)
    }
}

#if compiler(>=6.2)
    /// Refusals say which operation, which operands and which number.
    struct IndexRefusalTests {
        private func message(_ result: ExitTest.Result?) -> String { String(decoding: result?.standardErrorContent ?? [], as: UTF8.self) }

        @Test func indicesBesideTheTable() async {
            let results = [
                (
                    "gatheringRows", 3,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([3, 2]).gatheringRows(at: Tensor(indices: [0, 3]))
                    }
                ),
                (
                    "gatheringRows", -1,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([3, 2]).gatheringRows(at: Tensor(indices: [-1, 0]))
                    }
                ),
                (
                    "segmentSums", 3,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([3, 2]).segmentSums(ofRowsAt: Tensor(indices: [0, 3]), offsets: Offsets([0, 2]))
                    }
                ),
                (
                    "scatterAddingRows", 4,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([1, 2]).scatterAddingRows(at: Tensor(indices: [4]), rowCount: 4)
                    }
                ),
                (
                    "takingAlongLastAxis", 2,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([1, 2]).takingAlongLastAxis(Tensor(indices: [2]).reshaped([1, 1]))
                    }
                ),
                (
                    "crossEntropy", 2,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = Tensor.zeros([1, 2]).crossEntropy(targets: Tensor(indices: [2]))
                    }
                ),
            ]
            for (name, index, result) in results {
                let text = message(result)
                #expect(
                    text.contains("\(name)(float32[") && (text.contains("index \(index) is not in") || text.contains("no column \(index)")),
                    "\(text)")
            }
        }
    }
#endif
