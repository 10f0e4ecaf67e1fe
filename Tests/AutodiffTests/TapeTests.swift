@testable import Autodiff
import Testing

struct TapeTests {
    let x = Tensor([0.5, -1.5, 2.25], dtype: .float64)

    @Test func tensorsWithoutInfluenceHaveNoGradient() {
        withTape { tape in
            let (a, b) = (tape.watch(x), tape.watch(x))
            let gradients = tape.pullback(of: a.square().sum(), to: [a, b])
            #expect(gradients[0]?.tensor.values == [1, -3, 4.5])
            #expect(gradients[1] == nil)
        }
    }

    @Test func constantsRecordNothing() {
        withTape { tape in
            let recorded = tape.watch(x)
            let before = tape.entryCount
            _ = (x * x).sum()
            _ = recorded.detached() * 2
            #expect(tape.entryCount == before)
            #expect(!(x * 2).isRecorded && (recorded * 2).isRecorded)
        }
    }

    @Test func severalPullbacksWithKeptEntries() {
        withTape { tape in
            let a = tape.watch(x)
            let y = a.exp()
            let first = tape.pullback(of: y.sum(), to: [a], keepingEntries: true)[0]!.tensor
            let second = tape.pullback(of: y.sum(), to: [a])[0]!.tensor
            #expect(first == second)
        }
    }

    @Test func gradientOfGradientNorm() {
        // |∇ Σ x³|² = 9 Σ x⁴, whose gradient is 36 x³.
        let found = gradient(at: x) { x in gradient(at: x) { $0.pow(3).sum() }.square().sum() }
        let expected = x.values.map { 36 * $0 * $0 * $0 }
        for (a, b) in zip(found.values, expected) { #expect(abs(a - b) < 1e-10) }
    }

    @Test func thirdDerivative() {
        let found = gradient(at: x) { x in gradient(at: x) { x in gradient(at: x) { $0.pow(4).sum() }.sum() }.sum() }
        for (a, b) in zip(found.values, x.values) { #expect(abs(a - 24 * b) < 1e-10) }
    }

    @Test func hessianVectorProductIsTheHessianTimesTheVector() {
        let v = Tensor([1, -2, 0.5], dtype: .float64)
        let f: (Tensor) -> Tensor = { ($0.sin() * $0.sum()).sum() + $0.logSumExp() }
        let product = hessian(at: x, f).matmul(v.reshaped([3, 1])).reshaped([3])
        #expect(hessianVectorProduct(at: x, along: v, f).maximumDifference(to: product) < 1e-12)
    }

    @Test func embeddingGradientsAreRowSparse() {
        withTape { tape in
            let table = tape.watch(Tensor.normal([6, 2], dtype: .float64, key: RandomKey(1)))
            let y = table.gatheringRows(at: Tensor(indices: [4, 1, 4])).sum()
            guard case .rows(let rows)? = tape.pullback(of: y, to: [table])[0] else {
                Issue.record("the gradient is not row-sparse")
                return
            }
            #expect(rows.indices.indices == [4, 1, 4])
            #expect(rows.coalesced().indices.indices == [1, 4])
            #expect(rows.coalesced().values.values == [1, 1, 2, 2])
            #expect(rows.dense.values == [0, 0, 1, 1, 0, 0, 0, 0, 2, 2, 0, 0])
        }
    }

    @Test(arguments: [true, false]) func sparseAndDenseGradientsAddUp(sparseFirst: Bool) {
        let table = Tensor.normal([4, 2], dtype: .float64, key: RandomKey(1))
        let gradient = valueAndGradients(at: [table]) { t in
            let sparse = { t[0].gatheringRows(at: Tensor(indices: [3, 3])).sum() }
            let dense = { t[0].square().sum() }
            return sparseFirst ? sparse() + dense() : dense() + sparse()
        }.gradients[0]
        let expected = table * 2 + Tensor([0, 0, 0, 0, 0, 0, 2, 2], shape: [4, 2], dtype: .float64)
        #expect(gradient.maximumDifference(to: expected) < 1e-15)
    }

    @Test func updatesInPlaceDoNotReachWhatAPullbackHolds() {
        var constant = Tensor([2, 2, 2], dtype: .float64)
        withTape { tape in
            let a = tape.watch(x)
            let y = (a * constant).sum()
            constant += Tensor([5, 5, 5], dtype: .float64)
            #expect(constant.values == [7, 7, 7])
            #expect(tape.pullback(of: y, to: [a])[0]!.tensor.values == [2, 2, 2])
        }
    }

    @Test func theTapeLetsGoOfMemory() {
        weak var observed: Tape?
        withTape { tape in
            observed = tape
            let a = tape.watch(x)
            _ = (a.exp() * a).sum()
            #expect(observed != nil)
        }
        #expect(observed == nil)
    }

    @Test func tapesOfTwoThreadsDoNotMeet() async {
        let gradients = await withTaskGroup(of: [Double].self) { group in
            for _ in 0..<4 { group.addTask { gradient(at: x) { $0.exp().sum() }.values } }
            return await group.reduce(into: [[Double]]()) { $0.append($1) }
        }
        #expect(gradients.count == 4 && gradients.allSatisfy { $0 == x.exp().values })
    }

    /// At a constant, within a function of something else: by hand, d/dw Σ d/dx (x³ w²) = Σ 6 x² w.
    @Test func gradientsNestAtConstants() {
        let w = Tensor([2, 3, -1], dtype: .float64)
        let found = gradient(at: w) { w in gradient(at: x) { x in (x.pow(3) * w.square()).sum() }.sum() }
        #expect(found.maximumDifference(to: x.square() * w * 6) < 1e-12)
    }

    @Test func gradientsNestThreeDeepAtDifferentTensors() {
        let (v, w) = (Tensor([2, 3, -1], dtype: .float64), Tensor([0.5, 1, 4], dtype: .float64))
        let found = gradient(at: v) { v in
            gradient(at: w) { w in gradient(at: x) { x in (x.square() * w.square() * v.pow(3)).sum() }.sum() }.sum()
        }
        #expect(found.maximumDifference(to: x * w * v.square() * 12) < 1e-12)
        let report = gradientCheck(at: [v], order: 2) { v in gradient(at: x) { ($0.sin() * v[0].exp()).sum() } }
        #expect(report.passed, "\(report)")
    }

    @Test func aGradientThatDependsOnNothingOutsideIsAConstant() {
        let found = gradient(at: x) { outer in
            let inner = gradient(at: x) { $0.exp().sum() }
            #expect(!inner.isRecorded && inner == x.exp())
            return (outer * inner).sum()
        }
        #expect(found == x.exp())
    }

    @Test func gradientsNestInBlocks() {
        func sum(_ rows: Tensor, blockSize: Int) -> Tensor {
            blockwiseSum([rows], with: [], blockSize: blockSize) { _, rows, _ in
                gradient(at: x) { x in (x.pow(3) * rows[0].square().sum()).sum() }.sum()
            }
        }
        let rows = Tensor.normal([5, 2], dtype: .float64, key: RandomKey(3))
        let (whole, blocks) = (gradient(at: rows) { sum($0, blockSize: 9) }, gradient(at: rows) { sum($0, blockSize: 2) })
        #expect(whole.maximumDifference(to: rows * (6 * x.square().sum().item)) < 1e-10)
        #expect(blocks.maximumDifference(to: whole) < 1e-12)
    }

    @Test func aRecordBelongsToItsThread() {
        withTape { tape in
            let a = tape.watch(x)
            let before = tape.entryCount
            let elsewhere = onAnotherThread { (a.isRecorded, (a * a).tape == nil, gradient(at: a) { $0.exp().sum() }) }
            #expect(elsewhere == (false, true, x.exp()) && tape.entryCount == before)
            #expect(tape.pullback(of: (a * a).sum(), to: [a])[0]!.tensor == x * 2)
        }
    }

    /// The list of operations that cut a gradient holds what it says of each.
    @Test(arguments: OperationWithoutDerivative.allCases.filter { !$0.isForbidden })
    func operationsWithoutDerivativeGiveConstants(_ operation: OperationWithoutDerivative) {
        withTape { tape in
            let a = tape.watch(x)
            let result = Self.apply(operation, a)
            #expect(!result.isRecorded)
            // Constant around: a small step changes nothing.
            #expect(result == Self.apply(operation, x + 1e-6) && result == Self.apply(operation, x - 1e-6))
        }
    }

    private static func apply(_ operation: OperationWithoutDerivative, _ x: Tensor) -> Tensor {
        switch operation {
        case .sign: x.sign()
        case .less: x .< 1
        case .lessOrEqual: x .<= 1
        case .greater: x .> 1
        case .greaterOrEqual: x .>= 1
        case .equal: x .== 1
        case .notEqual: x .!= 1
        case .argmax: x.argmax()
        case .argmin: x.argmin()
        case .topKIndices: x.topK(2).indices
        case .sortedIndices: x.sorted().indices
        case .castToInt32: x.cast(to: .int32)
        case .castToBool: x.cast(to: .bool)
        case .not: !(x .< 1)
        case .and: (x .< 1) & (x .> 0)
        case .or: (x .< 1) | (x .> 0)
        case .addTimes:
            {
                var y = x; y.add(x, times: 1); return y
            }()
        case .applyAdamW:
            {
                var (y, first, second, live) = (x, x.detached(), x.detached(), [Bool]())
                y.applyAdamW(
                    gradient: .dense(x.detached()), gradientScale: 1, firstMoment: &first, secondMoment: &second, liveRows: &live,
                    learningRate: 1, beta1: 0.9, beta2: 0.9, epsilon: 1, weightDecay: 0, step: 1)
                return y
            }()
        }
    }

    @Test func gradientsFindTheTapeOfTheirInputs() {
        withTape { outer in
            let a = outer.watch(x)
            let inner = withTape { _ in gradient(at: a) { $0.pow(3).sum() } }
            #expect(outer.pullback(of: inner.sum(), to: [a])[0]!.tensor.maximumDifference(to: x * 6) < 1e-12)
        }
    }

    #if compiler(>=6.2)
        @Test func differentiatingThroughWhatWritesInPlaceTrapsByName() async {
            for (operation, result) in [
                (
                    OperationWithoutDerivative.addTimes,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = gradient(at: Tensor([1, 2])) { TapeTests.apply(.addTimes, $0).sum() }
                    }
                ),
                (
                    .applyAdamW,
                    await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
                        _ = gradient(at: Tensor([1, 2])) { TapeTests.apply(.applyAdamW, $0).sum() }
                    }
                ),
            ] {
                let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
                #expect(message.contains("\(operation.rawValue)(float32[2]") && message.contains("has no derivative"), "\(message)")
            }
        }

        @Test func shapesThatDoNotFitTrap() async {
            await #expect(processExitsWith: .failure) { _ = Tensor.zeros([3, 1]) + Tensor.zeros([3]) }
            await #expect(processExitsWith: .failure) { _ = Tensor.zeros([3, 2]).matmul(Tensor.zeros([3, 2])) }
            await #expect(processExitsWith: .failure) { _ = Tensor.zeros([3]) + Tensor.zeros([3], dtype: .float64) }
            await #expect(processExitsWith: .success) { _ = Tensor.zeros([3, 1]) + Tensor.zeros([1, 4]) }
        }

        @Test func consumedEntriesTrap() async {
            await #expect(processExitsWith: .failure) {
                withTape { tape in
                    let a = tape.watch(Tensor([1, 2]))
                    let y = a.exp()
                    _ = tape.pullback(of: y.sum(), to: [a])
                    _ = tape.pullback(of: y.sum(), to: [a])
                }
            }
        }
    #endif

    /// Slices of every kind beside each other: with gaps, overlapping, equal, on two axes, and with a use of the whole.
    @Test(arguments: [1, 2]) func slicesAddUp(order: Int) {
        let input = Tensor.normal([5, 4], dtype: .float64, key: RandomKey(3))
        let report = gradientCheck(at: [input], order: order) { x in
            let x = x[0]
            let rows = x.sliced(1..<3) * x.sliced(2..<4) * x.sliced(1..<3).exp()
            let columns = x.sliced(0..<2, alongAxis: 1) * x.sliced(1..<3, alongAxis: 1)
            let all = (0..<5).map { (x[$0] * Double($0 + 1)).square().sum() }.reduce(x.sin().sum(), +)
            return rows.sum() + columns.sum() + x.sliced(2..<2).sum() + all
        }
        #expect(report.passed, "\(report)")
    }

    /// Each of many slices brings a cotangent of its own size only.
    @Test func cuttingUpTakesLittleMemory() {
        let x = Tensor.normal([400, 5000], key: RandomKey(1))  // 8 MB
        let used = (0..<3).map { _ in
            CachingAllocator.resetHighWaterMark()
            let found = gradient(at: x) { x in
                gradient(at: x) { x in
                    x.split(lengths: [Int](repeating: 1, count: 400)).map { $0.square().sum() }.reduce(Tensor(0), +)
                }.sum()
            }
            #expect(found == Tensor(repeating: 2, shape: x.shape))
            return CachingAllocator.statistics.highWaterMark
        }.min()!
        #expect(used < 200_000_000)
    }
}

#if compiler(>=6.2)
    extension TapeTests {
        enum WrongPullback: String, CaseIterable, Codable { case shape, dtype, rows, operand }

        /// A pullback that brings something else than the operand's gradient is named at once.
        @Test(arguments: WrongPullback.allCases)
        func aPullbackThatDoesNotFitIsRefused(_ flaw: WrongPullback) async {
            let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [flaw] in
                let x = Tensor([[1, 2], [3, 4]], dtype: .float64)
                _ = gradient(at: x) { x in
                    switch flaw {
                    case .shape: Tape.record("own", value: x.detached(), from: x) { _ in Tensor([1, 2], dtype: .float64) }.sum()
                    case .dtype: Tape.record("own", value: x.detached(), from: x) { dy in dy.cast(to: .float32) }.sum()
                    case .rows:
                        Tape.record("own", value: x.detached(), from: [x]) { _, _ in
                            [.rows(RowSparseTensor(indices: Tensor(indices: [0]), values: .zeros([1, 3], dtype: .float64), rowCount: 2))]
                        }.sum()
                    case .operand:
                        Tape.record("own", value: x.detached(), from: x, x.sum(), pullbackA: { $0 }, pullbackB: { $0 }).sum()
                    }
                }
            }
            let message = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
            let given = ["shape": "float64[2]", "dtype": "float32[2, 2]", "rows": "float64[2, 3]", "operand": "float64[2, 2]"]
            let operand = flaw == .operand ? "float64[]" : "float64[2, 2]"
            #expect(message.contains("own: its pullback gave a gradient \(given[flaw.rawValue]!) for an operand \(operand)"), "\(message)")
        }
    }
#endif
