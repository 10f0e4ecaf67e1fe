@testable import Autodiff
import Testing

struct TapeTests {
    let x = Tensor([0.5, -1.5, 2], dtype: .float64)

    @Test func tensorsWithoutInfluenceHaveNoGradient() {
        withTape { tape in
            let (a, b) = (tape.watch(x), tape.watch(x))
            let gradients = tape.pullback(of: a.square().sum(), to: [a, b])
            #expect(gradients[0]?.tensor.values == [1, -3, 4])
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

    #if compiler(>=6.2)
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
        let x = Tensor.normal([400, 5000], key: RandomKey(1))       // 8 MB
        let used = (0..<3).map { _ in
            CachingAllocator.resetHighWaterMark()
            let found = gradient(at: x) { x in
                gradient(at: x) { x in x.split(lengths: [Int](repeating: 1, count: 400)).map { $0.square().sum() }.reduce(Tensor(0), +) }.sum()
            }
            #expect(found == Tensor(repeating: 2, shape: x.shape))
            return CachingAllocator.statistics.highWaterMark
        }.min()!
        #expect(used < 200_000_000)
    }
}
