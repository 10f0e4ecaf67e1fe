@testable import Optimizers
import Autodiff
import Layers
import Testing

/// Clipped and unclipped parameters beside each other; options that are not the usual ones; states that are taken up again.
struct GroupTests {
    private func named(_ name: String, _ values: [Double]) -> NamedParameter {
        NamedParameter(name: name, parameter: Parameter(Tensor(values, dtype: .float64)))
    }

    private static let rules: [any UpdateRule] = [SGD(), SGD(momentum: 0.9), SGD(momentum: 0.9, isNesterov: true), AdamW(epsilon: 0.5)]

    /// The norm is that of the clipped ones, and only they are scaled by it: as if each group had an optimizer of its own.
    @Test(arguments: rules.indices) func clippingKnowsItsGroups(_ number: Int) {
        let rule = Self.rules[number]
        func parameters() -> [NamedParameter] { [named("a.weight", [1, -2]), named("a.bias", [0.5, 3]), named("loss.weight", [2, 1])] }
        let (together, apart) = (parameters(), parameters())
        let optimizer = Optimizer(rule, parameters: Array(together[..<2]), unclipped: [together[2]], weightDecay: 0.1)
        #expect(optimizer.groups.map(\.isClipped) == [true, true, false] && optimizer.groups.map(\.weightDecay) == [0.1, 0, 0.1])
        let own = [
            Optimizer(rule, parameters: Array(apart[..<2]), weightDecay: 0.1), Optimizer(rule, parameters: [apart[2]], weightDecay: 0.1),
        ]
        for step in 1...3 {
            let values = [[3.0, 4], [0, 12], [100, -50]].map { Gradient.dense(Tensor($0, dtype: .float64) * Double(step)) }
            let gradients = Gradients(together.map(\.parameter), values)
            #expect(abs(optimizer.gradientNorm(gradients) - 13 * Double(step)) < 1e-12)
            #expect(abs(optimizer.unclippedNorm(gradients) - 12_500.0.squareRoot() * Double(step)) < 1e-10)
            #expect(optimizer.step(gradients, learningRate: 0.1, maximumNorm: 2) == optimizer.gradientNorm(gradients))
            own[0].step(Gradients(apart.map(\.parameter), [values[0], values[1], nil]), learningRate: 0.1, maximumNorm: 2)
            own[1].step(Gradients(apart.map(\.parameter), [nil, nil, values[2]]), learningRate: 0.1)
            for (a, b) in zip(together, apart) { #expect(a.parameter.value == b.parameter.value, "\(a.name) after step \(step)") }
        }
    }

    @Test func anUnclippedGradientThatIsNotFiniteIsSeen() {
        let (a, b) = (named("a", [1]), named("b", [1]))
        let optimizer = Optimizer(SGD(), parameters: [a], unclipped: [b])
        let gradients = Gradients(
            [a.parameter, b.parameter], [.dense(Tensor([1], dtype: .float64)), .dense(Tensor([.nan], dtype: .float64))])
        #expect(optimizer.gradientNorm(gradients) == 1 && optimizer.unclippedNorm(gradients).isNaN)
    }

    @Test func gradientsOfTwoPassesAreJoined() {
        let (a, b, c) = (named("a", [1]).parameter, named("b", [1]).parameter, named("c", [1]).parameter)
        func dense(_ value: Double) -> Gradient { .dense(Tensor([value], dtype: .float64)) }
        var sum = Gradients([a, b], [dense(1), nil])
        sum.add(Gradients([c, b, a], [dense(5), dense(3), dense(2)]))
        sum.add(Gradients([b, c], [nil, dense(-1)]))
        #expect([a, b, c].map { sum[$0]?.tensor.item } == [3, 3, 4])
        #expect([a, b, c].map { sum.scaled(by: 0.5)[$0]?.tensor.item } == [1.5, 1.5, 2])
        #expect(abs(sum.globalNorm - 34.0.squareRoot()) < 1e-12 && abs(sum.globalNorm(without: [c, a]) - 3) < 1e-12)
    }

    /// ½ (1 + cos 2π · cycles · progress) of what is left after the warm-up.
    @Test(arguments: [0.5, 1, 1.25, 3]) func cosinesGoRound(_ cycles: Double) {
        let schedule = LearningRateSchedule.cosine(warmupSteps: 4, totalSteps: 24, cycles: cycles)
        for step in 4...24 {
            let expected = max(0, 0.5 * (1 + Tensor(2 * .pi * cycles * Double(step - 4) / 20, dtype: .float64).cos().item))
            #expect(abs(schedule.factor(step) - expected) < 1e-14, "step \(step)")
        }
        #expect((0...4).map(schedule.factor) == [0, 0.25, 0.5, 0.75, 1])
    }

    @Test func schedulesWarmUpAsTheySay() throws {
        for type in [SchedulerType.linear, .cosine, .cosineWithRestarts, .constantWithWarmup, .inverseSquareRoot, .constant, .greedy] {
            let start = try (0...2).map(type.schedule(warmupSteps: 2, totalSteps: 10).factor)
            #expect(start == (type == .constant || type.isMetricDriven ? [1, 1, 1] : [0, 0.5, 1]), "\(type)")
        }
        #expect(LearningRateSchedule.linear(warmupSteps: 2, totalSteps: 10).factor(6) == 0.5)
        #expect(LearningRateSchedule.constantWithWarmup(warmupSteps: 3).factor(100) == 1)
    }

    @Test func namedOptimizersKeepTheirOptions() throws {
        for type in OptimizerType.allCases where type.standIn == .adamwTorchFused || type == .adamwTorch {
            let rule = try #require(try type.rule(beta1: 0.7, beta2: 0.8, epsilon: 0.25) as? AdamW)
            #expect(rule.beta1 == 0.7 && rule.beta2 == 0.8 && rule.epsilon == 0.25)
        }
        #expect(try OptimizerType.sgd.rule(beta1: 0.7, beta2: 0.8, epsilon: 0.25) is SGD)
        #expect(OptimizerType.pagedLion8Bit.note?.contains("paged_lion_8bit") == true && OptimizerType.lion.note == nil)
    }

    /// A run that goes on from its state moves as one that never stopped: also rows that a sparse gradient does not touch any more.
    @Test(arguments: [0, 0.1]) func statesGoOn(weightDecay: Double) {
        let parameters = (0..<2).map { _ in
            NamedParameter(name: "w", parameter: Parameter(.normal([5, 2], dtype: .float64, key: RandomKey(1))))
        }
        var optimizers = parameters.map { Optimizer(AdamW(), parameters: [$0], weightDecay: weightDecay) }
        func step(_ rows: [Int], _ number: UInt64) {
            for (parameter, optimizer) in zip(parameters, optimizers) {
                let gradient = Gradient.rows(
                    RowSparseTensor(
                        indices: Tensor(indices: rows), values: .normal([rows.count, 2], dtype: .float64, key: RandomKey(number)),
                        rowCount: 5))
                optimizer.step(Gradients([parameter.parameter], [gradient]), learningRate: 0.1)
            }
        }
        step([0, 3, 0], 2)
        step([3], 3)
        let state = optimizers[1].state
        #expect(state.stepCount == 2 && state.tensors.keys.sorted() == ["exp_avg.w", "exp_avg_sq.w"])
        optimizers[1] = Optimizer(AdamW(), parameters: [parameters[1]], weightDecay: weightDecay)
        #expect(optimizers[1].restore(state) == nil)
        for number in 4...6 {
            step([1], UInt64(number))
            #expect(parameters[0].parameter.value == parameters[1].parameter.value, "step \(number)")
        }
        #expect(optimizers[1].stepCount == 5)
    }

    @Test func resettingForgetsEverything() {
        let (first, second) = (named("w", [1, 2]), named("w", [1, 2]))
        let optimizer = Optimizer(AdamW(), parameters: [first])
        func step(_ optimizer: Optimizer, _ named: NamedParameter) {
            optimizer.step(Gradients([named.parameter], [.dense(Tensor([3, -1], dtype: .float64))]), learningRate: 0.1)
        }
        step(optimizer, first)
        first.parameter.value = second.parameter.value
        optimizer.reset()
        #expect(optimizer.stepCount == 0 && optimizer.state.tensors.isEmpty)
        step(optimizer, first)
        step(Optimizer(AdamW(), parameters: [second]), second)
        #expect(first.parameter.value == second.parameter.value)
    }
}
