import Autodiff
import Testing

/// Every operation against the reference's figures and against central differences.
struct OperationTests {
    @Test func tableAndFixturesHoldTheSameOperations() {
        let fixtures = Set(OperationCase.all.map(\.operation))
        #expect(fixtures.subtracting(OperationTable.operations.keys) == OperationCase.notOffered)
        #expect(Set(OperationTable.operations.keys).isSubset(of: fixtures))
    }

    @Test(arguments: OperationCase.offered)
    func valueAndGradientsEqualTheReference(_ c: OperationCase) throws {
        let operation = try #require(OperationTable.operations[c.operation])
        let seed = try c.reference("seed")
        let (value, gradients) = withTape { tape in
            var x = c.inputs
            for i in c.differentiable { x[i] = tape.watch(x[i]) }
            let y = operation(x, c)
            return (y.detached(), tape.pullback(of: y, to: c.differentiable.map { x[$0] }, seed: seed))
        }
        #expect(difference(value, try c.reference("out")) < 1e-11)
        for (i, gradient) in zip(c.differentiable, gradients) {
            let reference = try c.reference("grad\(i)")
            let ours = gradient?.tensor ?? .zeros(reference.shape, dtype: .float64)
            // The reference takes the derivative of softplus for one above 20, where it is 1 − 1e-9 and more.
            #expect(difference(ours, reference) < (c.operation == "softplus" ? 1e-10 : 1e-11), "input \(i)")
        }
    }

    @Test(arguments: OperationCase.offered)
    func float32IsNearTheReference(_ c: OperationCase) throws {
        let operation = try #require(OperationTable.operations[c.operation])
        let value = operation(c.inputs.map { $0.dtype == .float64 ? $0.cast(to: .float32) : $0 }, c)
        #expect(value.dtype == .float32)
        #expect(difference(value.cast(to: .float64), try c.reference("out")) < 2e-5)
    }

    /// Points where the function has no derivative, or where it is too steep for differences.
    private static let withoutDifferences: Set = [
        "abs.kink", "relu.kink", "norm.l2ZeroRow", "cosineSimilarity.zeroRow", "pairwiseCosineSimilarity.zeroRow",
        "pairwiseClampedCosine.zeroRow", "normalize.zeroRow", "euclideanDistance.equalRow", "manhattanDistance.equalRow",
        "pairwiseEuclideanDistance.equalRow", "pairwiseManhattanDistance.equalRow", "softmax.large", "logSoftmax.large",
        "logSumExp.large", "crossEntropy.large", "layerNorm.flatRow",
    ]

    @Test(arguments: OperationCase.offered.filter { !withoutDifferences.contains($0.name) }, [1, 2])
    func derivativesEqualCentralDifferences(_ c: OperationCase, order: Int) throws {
        let operation = try #require(OperationTable.operations[c.operation])
        let positions = c.differentiable
        let report = gradientCheck(at: positions.map { c.inputs[$0] }, order: order, tolerance: 1e-6) { values in
            var x = c.inputs
            for (position, value) in zip(positions, values) { x[position] = value }
            return operation(x, c)
        }
        #expect(report.passed, "\(report)")
    }

    @Test(arguments: ["topK.largest", "topK.smallest", "sort.ascending", "sort.descending"])
    func positionsEqualTheReference(_ name: String) throws {
        let c = try #require(OperationCase.all.first { $0.name == name })
        let found =
            c.operation == "topK"
            ? c.inputs[0].topK(c.integer("count"), largest: c.flag("largest")).indices
            : c.inputs[0].sorted(descending: c.flag("descending")).indices
        #expect(found == (try c.reference("indices")))
    }

    /// Largest difference, relative to the reference where that is larger than one.
    private func difference(_ ours: Tensor, _ reference: Tensor) -> Double {
        guard ours.shape == reference.shape else { return .infinity }
        return zip(ours.values, reference.values).map { a, b in
            a == b ? 0 : abs(a - b) / max(1, abs(b))
        }.reduce(0) { $1.isNaN ? .infinity : max($0, $1) }
    }
}
