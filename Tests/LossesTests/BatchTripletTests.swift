import Autodiff
import Losses
import Testing

/// Triplets within a batch: against every triplet written out, and where there is none.
struct BatchTripletTests {
    private static let rows = Tensor.normal([17, 6], dtype: .float64, key: RandomKey(91))
    private static let labels = Tensor((0..<17).map { Double([3, 1, 4, 1, 5, 3, 2][$0 % 7]) }, dtype: .float64)

    /// The positive parts of all triplets, as a cube `[B, B, B]`.
    private func cube(_ rows: Tensor, margin: Double) -> Tensor {
        let d = euclideanDistance(rows, rows), n = rows.shape[0], y = Self.labels.values
        let isTriplet = (0..<n).flatMap { i in (0..<n).flatMap { j in (0..<n).map { k in i != j && y[i] == y[j] && y[i] != y[k] } } }
        let terms = (d.reshaped([n, n, 1]).broadcast(to: [n, n, n]) - d.reshaped([n, 1, n]).broadcast(to: [n, n, n]) + margin).relu()
        let kept = terms.filled(with: 0, where: !Tensor(scalars: isTriplet, shape: [n, n, n]))
        return kept.sum() / Double(kept.values.filter { $0 > 1e-16 }.count)
    }

    @Test(arguments: [5, 0.3, 0, -0.8]) func allEqualsTheCube(_ margin: Double) {
        let loss = BatchAllTripletLoss(margin: margin)
        let found = valueAndGradients(at: [Self.rows]) { loss.value(of: $0, labels: Self.labels) }
        let expected = valueAndGradients(at: [Self.rows]) { cube($0[0], margin: margin) }
        #expect(abs(found.value.item - expected.value.item) < 1e-12)
        #expect(found.gradients[0].maximumDifference(to: expected.gradients[0]) < 1e-12)
    }

    @Test func allKeepsItsDigitsInFloat32() {
        // Far from the origin of distances: sums of 1e5, a loss of 1e-2.
        let loss = BatchAllTripletLoss(margin: -40)
        let rows = Self.rows * 20
        let single = loss.value(of: [rows.cast(to: .float32)], labels: Self.labels)
        let double = loss.value(of: [rows], labels: Self.labels)
        #expect(double.item > 0 && abs(single.item - double.item) < 1e-4 * double.item)
    }

    static let losses: [any Loss] = [BatchHardTripletLossDistanceFunction.euclidean, .cosine].flatMap { distance -> [any Loss] in
        [
            BatchAllTripletLoss(distanceMetric: distance), BatchHardTripletLoss(distanceMetric: distance),
            BatchHardSoftMarginTripletLoss(distanceMetric: distance), BatchSemiHardTripletLoss(distanceMetric: distance),
        ]
    }

    /// The value is known, and nothing moves, to the last bit.
    @Test(arguments: losses.indices) func nothingToLearnMovesNothing(_ number: Int) {
        let loss = Self.losses[number]
        func expectStill(_ rows: Range<Int>, _ labels: [Double], value: Double) {
            for dtype in [DType.float32, .float64] {
                let columns = [Self.rows.sliced(rows).cast(to: dtype)]
                let (found, gradients) = valueAndGradients(at: columns) { loss.value(of: $0, labels: Tensor(labels, dtype: dtype)) }
                #expect(abs(found.item - value) < 1e-6, "\(loss.name) of \(labels)")
                #expect(gradients[0].values.allSatisfy { $0 == 0 }, "\(loss.name) of \(labels)")
            }
        }
        let isHard = loss is BatchHardTripletLoss, isSoft = loss is BatchHardSoftMarginTripletLoss
        let still = isHard ? 5 : isSoft ? 0.6931471805599453 : 0
        expectStill(0..<1, [3], value: still)
        if !(loss is BatchSemiHardTripletLoss) { expectStill(0..<5, [2, 2, 2, 2, 2], value: still) }
        if !isHard && !isSoft { expectStill(0..<5, [1, 2, 3, 4, 5], value: 0) }
    }

    @Test func semiHardWithoutNegativesPullsTogether() {
        let loss = BatchSemiHardTripletLoss(margin: 2)
        let rows = Tensor([[0, 0], [3, 4]], dtype: .float64)
        #expect(abs(loss.value(of: [rows], labels: Tensor([1, 1], dtype: .float64)).item - 7) < 1e-12)
    }

    /// float32 cannot tell these numbers of classes apart.
    @Test func largeClassNumbersStayDifferent() {
        let labels = Tensor([16_777_216, 16_777_217, 16_777_216, 16_777_217], dtype: .float64)
        let rows = Self.rows.sliced(0..<4)
        let small = Tensor([0, 1, 0, 1], dtype: .float64)
        for loss in Self.losses {
            func value(_ labels: Tensor) -> Double { loss.value(of: [rows.cast(to: .float32)], labels: labels).item }
            #expect(value(labels) == value(small))
        }
    }
}
