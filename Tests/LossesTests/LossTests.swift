import Autodiff
import Layers
import Losses
import Testing

struct LossTests {
    @Test(arguments: LossCase.all) func valueAndGradientsEqualTheReference(_ c: LossCase) throws {
        let (value, gradients) = try c.trial().valueAndGradients()
        let expected = try c.reference("value").item
        #expect(abs(value.total.item - expected) <= 1e-10 * max(1, abs(expected)))
        #expect(Set(value.namedComponents.map(\.name)) == c.componentNames)
        for (name, component) in value.namedComponents {
            #expect(try abs(component - c.reference("component/\(name)").item) <= 1e-10 * max(1, abs(component)), "\(name)")
        }
        for (name, gradient) in gradients {
            let reference = try c.reference(name)
            let scale = max(1e-3, reference.values.map(abs).max()!)
            #expect(gradient.maximumDifference(to: reference) <= 1e-9 * scale, "\(name)")
        }
    }

    @Test(arguments: LossCase.all) func float32EqualsTheReference(_ c: LossCase) throws {
        let (value, gradients) = try c.trial(.float32).valueAndGradients()
        let expected = try c.reference("value").item
        #expect(abs(value.total.item - expected) <= 1e-5 * max(1, abs(expected)))
        for (name, gradient) in gradients {
            let reference = try c.reference(name)
            let scale = max(1, reference.values.map(abs).max()!)
            #expect(gradient.cast(to: .float64).maximumDifference(to: reference) <= 1e-5 * scale, "\(name)")
        }
    }

    /// The fixtures' equal rows are points without derivative for distances, so these embeddings are drawn.
    /// Hardness counts as a constant on purpose: differences see it, the gradient does not. So does the last layer as the
    /// teacher of the others: there only the others are varied.
    @Test(arguments: LossCase.all.filter { !$0.name.contains("hardness") }, [1, 2]) func derivativesEqualCentralDifferences(
        _ c: LossCase, order: Int
    ) {
        let trial = c.trial(rows: 4) { .normal($1.shape, dtype: .float64, key: RandomKey(UInt64($0 + 3))) }
        let hasTeacher = (trial.loss as? AdaptiveLayer).map { $0.klTemperature > 0 } ?? false
        let varied = hasTeacher ? trial.leaves.filter { $0.name.hasPrefix("layer") } : trial.leaves
        // Steep exponentials have large derivatives of higher order: the differences are less exact there.
        let report = gradientCheck(of: varied, order: order, tolerance: order == 1 ? 1e-6 : 1e-4) { trial().total }
        #expect(report.passed, "\(report)")
    }

    @Test(arguments: LossCase.all) func extremesStayFinite(_ c: LossCase) throws {
        let batches: [(_ row: Int, _ element: Int) -> Double] = [
            { _, _ in 0 }, { _, _ in 1 }, { $0 % 2 == $1 % 2 ? 1e4 : -1e4 }, { row, _ in row == 0 ? 1 : -1 },
        ]
        for number in batches {
            let (value, gradients) = try c.trial(rows: 3) { _, tensor in
                let width = tensor.shape[1]
                return Tensor((0..<tensor.count).map { number($0 / width, $0 % width) }, shape: tensor.shape)
            }.valueAndGradients()
            #expect(value.total.isFinite, "\(value)")
            #expect(gradients.filter { !$0.tensor.isFinite }.map(\.name) == [])
        }
    }

    @Test(arguments: LossCase.all) func oneRowIsFinite(_ c: LossCase) throws {
        let (value, gradients) = try c.trial(rows: 1).valueAndGradients()
        #expect(value.total.isFinite && gradients.filter { !$0.tensor.isFinite }.map(\.name) == [])
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
