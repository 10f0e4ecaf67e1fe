@testable import Autodiff
import Layers
import Testing

/// Who sees which value of a parameter, and parameters that are composed of others.
struct ParameterTests {
    private static let start = Tensor([[1, 2], [3, 4]], dtype: .float64)
    private let layer = Linear(weight: start)
    private let x = Tensor([[1, -1], [0.5, 2]], dtype: .float64)

    @Test func onlyTheThreadThatDifferentiatesSeesTheRecord() async {
        let found = valueAndGradients(of: layer.parameters) {
            #expect(layer.weight.value.isRecorded)
            let recorded = layer.weight.value
            let elsewhere = onAnotherThread { [layer, x] in
                [
                    layer.weight.value.isRecorded, recorded.isRecorded, (recorded * 2).tape != nil, layer(x).tape != nil,
                    recorded.values != Self.start.values,
                ]
            }
            #expect(elsewhere == [false, false, false, false, false])
            return layer(x).sum()
        }
        #expect(found.gradients[layer.weight]?.tensor == x.sum(alongAxis: 0).reshaped([1, 2]).broadcast(to: [2, 2]))
        #expect(!layer.weight.value.isRecorded)
    }

    @Test func anotherThreadMayDifferentiateByTheSameParameter() {
        let found = valueAndGradients(of: layer.parameters) {
            let other = onAnotherThread { [layer, x] in
                valueAndGradients(of: layer.parameters) { layer(x).square().sum() }.value.item
            }
            #expect(other == layer(x).square().sum().item)
            return layer(x).sum()
        }
        #expect(found.gradients[layer.weight] != nil)
    }

    @Test func whoHoldsAValueKeepsItThroughUpdates() {
        let held = layer.weight.value
        layer.weight.update { $0.add(.ones([2, 2], dtype: .float64), times: 10) }
        #expect(held == Self.start && layer.weight.value == Self.start + 10)
    }

    // MARK: Composition

    private func adapted() -> (a: Parameter, b: Parameter) {
        let (a, b) = (Parameter(Tensor([[1, -1]], dtype: .float64)), Parameter(Tensor([[0], [2]], dtype: .float64)))
        layer.weight.compose(with: [NamedParameter(name: "lora_A", parameter: a), NamedParameter(name: "lora_B", parameter: b)]) {
            $0 + $1[1].matmul($1[0]) * 0.5
        }
        return (a, b)
    }

    @Test func aComposedParameterIsListedByItsParts() {
        let (a, b) = adapted()
        #expect(layer.namedParameters.map(\.name) == ["weight.base", "weight.lora_A", "weight.lora_B"])
        #expect(layer.namedWeights.map(\.name) == ["weight"])
        #expect(layer.weight.value.values == [1, 2, 4, 3] && layer.weight.shape == [2, 2])
        #expect(layer.parameters[1] === a && layer.parameters[2] === b)
        #expect(layer.parameters.map(\.isTrainable) == [false, true, true] && layer.weight.isTrainable)
        layer.weight.isTrainable = false
        #expect(layer.parameters.allSatisfy { !$0.isTrainable })
    }

    @Test(arguments: [1, 2]) func gradientsReachTheTrainedParts(order: Int) {
        let (a, b) = adapted()
        let report = gradientCheck(of: layer.namedParameters, order: order) { layer(x).tanh() }
        #expect(report.passed && report.comparisons == 8, "\(report)")
        // Also where the seat itself is asked for.
        let gradients = valueAndGradients(of: [layer.weight]) { layer(x).tanh().sum() }.gradients
        #expect(gradients.parameters.map(ObjectIdentifier.init) == [a, b].map(ObjectIdentifier.init))
        #expect(gradients.values.allSatisfy { ($0?.sumOfSquares ?? 0) > 0 })
    }

    @Test func mergingKeepsTheValueAndTheSeat() {
        let seat = layer.weight
        _ = adapted()
        let before = layer(x)
        layer.weight.merge()
        #expect(layer(x) == before && layer.weight === seat && layer.weight.parts.isEmpty)
        #expect(layer.namedParameters.map(\.name) == ["weight"])
        layer.weight.value = Self.start
        #expect(layer.weight.value == Self.start)
    }

    @Test func whatIsComposedCanBeComposedAgain() {
        _ = adapted()
        layer.weight.compose(with: [NamedParameter(name: "gain", parameter: Parameter(Tensor(2, dtype: .float64)))]) { $0 * $1[0] }
        #expect(layer.weight.value.values == [2, 4, 8, 6])
        #expect(
            layer.namedParameters.map(\.name) == [
                "weight.base.base", "weight.base.lora_A", "weight.base.lora_B", "weight.gain",
            ])
    }

    private struct Pair: Module {
        let first: Linear
        let second: Linear
    }

    @Test func copiesAreComposedOfCopies() {
        let pair = Pair(first: layer, second: Linear(weight: Self.start * 2))
        let (a, _) = adapted()
        pair.second.weight.compose(with: [NamedParameter(name: "shared", parameter: a)]) { $0 * $1[0] }
        let copy = Pair(first: Linear(weight: Self.start), second: Linear(weight: Self.start)).takingValues(of: pair)
        #expect(copy.namedParameters.map(\.name) == pair.namedParameters.map(\.name))
        #expect(copy.second(copy.first(x)) == pair.second(pair.first(x)))
        #expect(copy.parameters.map(\.isTrainable) == pair.parameters.map(\.isTrainable))
        #expect(copy.second.weight.parts[1].parameter === copy.first.weight.parts[1].parameter)
        a.update { $0.add(.ones([1, 2], dtype: .float64), times: 1) }
        #expect(copy.second(copy.first(x)) != pair.second(pair.first(x)))
    }

    #if compiler(>=6.2)
        @Test func aComposedValueCannotBeSet() async {
            await #expect(processExitsWith: .failure) {
                let half = NamedParameter(name: "half", parameter: Parameter(Tensor([1, 2])))
                let parameter = Parameter(composedOf: [half]) { $0[0] * 2 }
                parameter.value = Tensor([3, 4])
            }
        }
    #endif
}
