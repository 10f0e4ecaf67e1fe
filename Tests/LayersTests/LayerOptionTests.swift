import Autodiff
import Layers
import Testing

/// Options of layers other than the usual ones, beside their formulas.
struct LayerOptionTests {
    @Test(arguments: Activation.allCases) func everyActivationIsItsFormula(_ activation: Activation) {
        let x = Tensor([-3, -1, -0.25, 0, 0.5, 2, 4], dtype: .float64)
        func value(_ v: Double) -> Double {
            func of(_ function: (Tensor) -> Tensor, _ v: Double) -> Double { function(Tensor(v, dtype: .float64)).item }
            return switch activation {
            case .gelu: v * (1 + of({ $0.erf() }, v / 2.0.squareRoot())) / 2
            case .geluNew, .geluTanh, .geluFast: v / 2 * (1 + of({ $0.tanh() }, (2 / Double.pi).squareRoot() * (v + 0.044715 * v * v * v)))
            case .quickGELU: v / (1 + of({ $0.exp() }, -1.702 * v))
            case .relu: max(0, v)
            case .reluSquared: max(0, v) * max(0, v)
            case .relu6: min(6, max(0, v))
            case .leakyReLU: v < 0 ? v / 100 : v
            case .elu: v < 0 ? of({ $0.exp() }, v) - 1 : v
            case .selu: 1.0507009873554805 * (v < 0 ? 1.6732632423543772 * (of({ $0.exp() }, v) - 1) : v)
            case .softplus: of({ $0.log() }, 1 + of({ $0.exp() }, v))
            case .logSigmoid: -of({ $0.log() }, 1 + of({ $0.exp() }, -v))
            case .softsign: v / (1 + abs(v))
            case .mish: v * of({ $0.tanh() }, of({ $0.log() }, 1 + of({ $0.exp() }, v)))
            case .hardTanh: min(1, max(-1, v))
            case .hardSigmoid: min(1, max(0, v / 6 + 0.5))
            case .hardSwish: v * min(1, max(0, v / 6 + 0.5))
            case .tanhShrink: v - of({ $0.tanh() }, v)
            case .silu, .swish: v / (1 + of({ $0.exp() }, -v))
            case .tanh: of({ $0.tanh() }, v)
            case .sigmoid: 1 / (1 + of({ $0.exp() }, -v))
            case .identity: v
            }
        }
        #expect(activation(x).maximumDifference(to: Tensor(x.values.map(value), dtype: .float64)) < 1e-12)
        // These have corners at some of the numbers.
        let bent: [Activation] = [.relu, .relu6, .hardTanh, .hardSigmoid, .hardSwish]
        let smooth = x.filled(with: 0.3, where: x .== 0)
        #expect(gradientCheck(at: [smooth], order: 2) { activation($0[0]) }.passed || bent.contains(activation))
    }

    private func attend(_ scores: AttentionScores, _ bias: DistanceBias? = nil, isCausal: Bool = false) -> Tensor {
        MultiHeadAttention(width: 6, headCount: 2, scores: scores, standardDeviation: 0.5, dtype: .float64, key: RandomKey(1))(
            Tensor.normal([5, 6], dtype: .float64, key: RandomKey(2)), offsets: Offsets([0, 2, 5]), samples: [], isCausal: isCausal,
            bias: bias, in: .inference)
    }

    @Test func biasesComeFromTheLayerOrTheCall() {
        let buckets = DistanceBuckets.positions(upTo: 2)
        let biases = [3, 4].map { DistanceBias(.normal([2, 5], dtype: .float64, key: RandomKey($0)), buckets) }
        let plain = attend(AttentionScores())
        let own = attend(AttentionScores(bias: biases[0]))
        #expect(own != plain && attend(AttentionScores(), biases[0]) == own)
        // That of the call goes first.
        #expect(attend(AttentionScores(bias: biases[0]), biases[1]) == attend(AttentionScores(bias: biases[1])))
        let causal = attend(AttentionScores(isCausal: true))
        #expect(
            causal != plain && attend(AttentionScores(), isCausal: true) == causal
                && attend(AttentionScores(isCausal: true), isCausal: true) == causal)
    }

    private struct Twice: Module {
        let first: Linear
        let second: Linear
        let weight: Parameter
        let again: Parameter
    }

    @Test func whatIsThereTwiceIsListedOnce() {
        let linear = Linear(weight: Tensor([[1, 2]]), bias: Tensor([3])), parameter = Parameter(Tensor([4]))
        let module = Twice(first: linear, second: linear, weight: parameter, again: parameter)
        #expect(module.namedWeights.map(\.name) == ["first.weight", "first.bias", "weight"])
        #expect(
            module.namedParameters.map(\.name) == module.namedWeights.map(\.name)
                && module.namedTensors.map(\.name) == module.namedWeights.map(\.name))
        #expect(module.parameterCount == 4)
    }

    @Test(arguments: [true, false], [true, false]) func mergedParametersTrainAsTheirPartsDid(baseTrains: Bool, partTrains: Bool) {
        let parameter = Parameter(Tensor([1, 2])), part = Parameter(Tensor([3, 4]), isTrainable: partTrains)
        parameter.compose(with: [NamedParameter(name: "part", parameter: part)], isBaseTrainable: baseTrains) { $0 + $1[0] }
        #expect(parameter.isTrainable == (baseTrains || partTrains))
        parameter.merge()
        #expect(parameter.value.values == [4, 6] && parameter.isTrainable == (baseTrains || partTrains))
    }

    @Test(arguments: [true, false]) func freezingReachesEveryPart(_ isTrainable: Bool) {
        let parameter = Parameter(Tensor([1, 2])),
            parts = (0..<2).map { NamedParameter(name: "p\($0)", parameter: Parameter(Tensor([3, 4]), isTrainable: !isTrainable)) }
        parameter.compose(with: parts) { $0 + $1[0] * $1[1] }
        parameter.isTrainable = isTrainable
        #expect(parameter.isTrainable == isTrainable && parts.allSatisfy { $0.parameter.isTrainable == isTrainable })
    }
}
