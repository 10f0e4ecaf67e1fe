import Autodiff
import Losses
import Testing

struct LossTests {
    @Test(arguments: LossCase.all) func valueAndGradientsEqualTheReference(_ c: LossCase) throws {
        let (value, gradients) = valueAndGradients(at: c.columns) { c.loss.value(of: $0, labels: c.labels) }
        let expected = try c.reference("value").item
        #expect(abs(value.item - expected) <= 1e-10 * max(1, abs(expected)))
        for (i, gradient) in gradients.enumerated() {
            let reference = try c.reference("grad\(i)")
            let scale = max(1e-3, reference.values.map(abs).max()!)
            #expect(gradient.maximumDifference(to: reference) <= 1e-9 * scale, "column \(i)")
        }
    }

    @Test(arguments: LossCase.all) func float32EqualsTheReference(_ c: LossCase) throws {
        let columns = c.columns.map { $0.cast(to: .float32) }
        let (value, gradients) = valueAndGradients(at: columns) { c.loss.value(of: $0, labels: c.labels?.cast(to: .float32)) }
        let expected = try c.reference("value").item
        #expect(abs(value.item - expected) <= 1e-5 * max(1, abs(expected)))
        for (i, gradient) in gradients.enumerated() {
            let reference = try c.reference("grad\(i)")
            let scale = max(1, reference.values.map(abs).max()!)
            #expect(gradient.cast(to: .float64).maximumDifference(to: reference) <= 1e-4 * scale, "column \(i)")
        }
    }

    /// The fixtures' equal rows are points without derivative for distances, so these columns are drawn.
    /// Hardness counts as a constant on purpose: differences see it, the gradient does not.
    @Test(arguments: LossCase.all.filter { !$0.name.contains("hardness") }, [1, 2]) func derivativesEqualCentralDifferences(_ c: LossCase, order: Int) {
        let columns = c.columns.indices.map { Tensor.normal([5, 6], dtype: .float64, key: RandomKey(UInt64($0 + 3))) }
        let labels = c.labels.map { $0.sliced(0..<5) }
        // Steep exponentials have large derivatives of higher order: the differences are less exact there.
        let report = gradientCheck(at: columns, order: order, tolerance: order == 1 ? 1e-6 : 1e-4) { c.loss.value(of: $0, labels: labels) }
        #expect(report.passed, "\(report)")
    }

    @Test(arguments: LossCase.all) func extremesStayFinite(_ c: LossCase) {
        let width = 4
        let batches: [[Double]] = [
            [Double](repeating: 0, count: 3 * width), [Double](repeating: 1, count: 3 * width),
            (0..<3 * width).map { $0 % 2 == 0 ? 1e4 : -1e4 }, (0..<3 * width).map { $0 < width ? 1 : -1 },
        ]
        for values in batches {
            let columns = c.columns.map { _ in Tensor(values, shape: [3, width]) }
            let (value, gradients) = valueAndGradients(at: columns) { c.loss.value(of: $0, labels: c.labels?.sliced(0..<3)) }
            #expect(value.isFinite, "\(value)")
            let areFinite = gradients.map(\.isFinite)
            #expect(!areFinite.contains(false))
        }
    }

    @Test(arguments: LossCase.all) func oneRowIsFinite(_ c: LossCase) {
        let columns = c.columns.map { $0.sliced(0..<1) }
        let (value, gradients) = valueAndGradients(at: columns) { c.loss.value(of: $0, labels: c.labels?.sliced(0..<1)) }
        #expect(value.isFinite && !gradients.map(\.isFinite).contains(false))
    }

    @Test func singlePairOfMultipleNegatives() {
        let columns = [1, 2].map { Tensor.normal([1, 4], dtype: .float64, key: RandomKey($0)) }
        #expect(MultipleNegativesRankingLoss().value(of: columns).item == 0)
        let all = MultipleNegativesRankingLoss(directions: Set(MultipleNegativesRankingLoss.Direction.allCases))
        // Two directions hold the positive: ln 2.
        #expect(abs(all.value(of: columns).item - 0.6931471805599453) < 1e-12)
    }

    @Test func cosentOfTwoPairsWorkedByHand() {
        // Cosines 1 and 0 with labels the other way round: ln(1 + exp(1 · (1 − 0))).
        let a = Tensor([[1, 0], [1, 0]], dtype: .float64), b = Tensor([[1, 0], [0, 1]], dtype: .float64)
        let value = CoSENTLoss(scale: 1)([a, b], labels: Tensor([0.1, 0.9], dtype: .float64)).item
        #expect(abs(value - 1.3132616875182228) < 1e-12)
    }
}
