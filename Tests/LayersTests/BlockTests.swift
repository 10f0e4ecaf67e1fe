import Autodiff
import Layers
import Testing

/// Norms, gated networks and convolutions: worked values, and gradients of orders one and two.
struct BlockTests {
    private let x = Tensor.normal([5, 4], dtype: .float64, key: RandomKey(1))
    private let offsets = Offsets(lengths: [3, 0, 2])

    private func check(_ module: some Module, _ function: @escaping (Tensor) -> Tensor) {
        for parameter in module.parameters {
            parameter.value = .normal(parameter.shape, dtype: .float64, key: RandomKey(UInt64(parameter.count)))
        }
        for order in [1, 2] {
            let report = gradientCheck(of: module.namedParameters, order: order) { function(x).square().sum() }
            #expect(report.passed, "\(report)")
        }
    }

    @Test func normsDivideByTheirMeasure() {
        let rows = Tensor([[1, -7, 5, 5]], dtype: .float64)
        #expect(RMSNorm(width: 4, epsilon: 0, dtype: .float64)(rows).maximumDifference(to: rows / 5) < 1e-12)
        // Weights around zero, to which one is added.
        let shifted = RMSNorm(width: 4, epsilon: 0, offset: 1, dtype: .float64)
        #expect(shifted.weight.value.values == [0, 0, 0, 0] && shifted(rows).maximumDifference(to: rows / 5) < 1e-12)
        let scaled = ScaleNorm(width: 4, epsilon: 0, dtype: .float64)(rows)
        #expect(scaled.maximumDifference(to: LayerNorm(width: 4, epsilon: 0, dtype: .float64)(rows)) < 1e-12)
    }

    @Test func gradientsOfNorms() {
        let (root, shifted, scale) = (RMSNorm(width: 4), RMSNorm(width: 4, offset: 1), ScaleNorm(width: 4))
        check(root) { root($0) }
        check(shifted) { shifted($0) }
        check(scale) { scale($0) }
    }

    @Test func gatedNetworks() {
        let apart = GatedFeedForward(width: 4, hiddenWidth: 3, dtype: .float64, key: RandomKey(2))
        let joined = JoinedGatedFeedForward(width: 4, hiddenWidth: 3, activation: .silu, dtype: .float64, key: RandomKey(3))
        check(apart) { apart($0, in: .inference) }
        check(joined) { joined($0, in: .inference) }
        joined.expansion.weight.value = .concatenating([apart.gate.weight.value, apart.input.weight.value])
        joined.contraction.weight.value = apart.contraction.weight.value
        #expect(joined(x, in: .inference).maximumDifference(to: apart(x, in: .inference)) < 1e-12)
        #expect(apart.namedParameters.map(\.name) == ["gate.weight", "input.weight", "contraction.weight"])
        // Dropout stands before the last matrix.
        let noisy = GatedFeedForward(width: 4, hiddenWidth: 3, dropout: 0.5, dtype: .float64, key: RandomKey(2))
        #expect(noisy(x, in: .inference) != noisy(x, in: .training(key: RandomKey(1))))
    }

    @Test(arguments: [1, 2]) func convolutionsSeeTheirSequenceAlone(groups: Int) {
        let convolution = Convolution(
            inputWidth: 4, outputWidth: 6, kernelSize: 3, groupCount: groups, standardDeviation: 1, dtype: .float64, key: RandomKey(4))
        let (weight, rows) = (convolution.weight.value.values, x.rows)
        let inputs = 4 / groups, outputs = 6 / groups
        let expected = (0..<offsets.count).flatMap { sequence in
            offsets[sequence].map { row in
                (0..<6).map { output in
                    (0..<3).reduce(0.0) { sum, tap in
                        let place = row + tap - 1
                        guard offsets[sequence].contains(place) else { return sum }
                        return (0..<inputs).reduce(sum) {
                            $0 + weight[(output * inputs + $1) * 3 + tap] * rows[place][output / outputs * inputs + $1]
                        }
                    }
                }
            }
        }
        #expect(convolution(x, offsets: offsets).maximumDifference(to: Tensor(expected, dtype: .float64)) < 1e-12)
        check(convolution) { convolution($0, offsets: offsets) }
    }

    @Test func headsOfAttentionAreNormalized() {
        func attention(_ norm: RMSNorm?) -> MultiHeadAttention {
            MultiHeadAttention(
                width: 4, headCount: 2, keyValueHeadCount: 1, hasBias: true, hasOutputBias: false, queryNorm: norm, keyNorm: norm,
                standardDeviation: 1, dtype: .float64, key: RandomKey(5))
        }
        let norm = RMSNorm(width: 2, epsilon: 1e-12, dtype: .float64), normed = attention(norm), plain = attention(nil)
        #expect(normed.output.bias == nil && normed.query.bias != nil)
        func run(_ attention: MultiHeadAttention) -> Tensor {
            attention(x, offsets: offsets, samples: [0, 1, 2], in: .inference)
        }
        // Longer queries and keys are scored the same, once they are normalized.
        let before = run(normed), other = run(plain)
        for layer in [normed.query, normed.key, plain.query, plain.key] { layer.weight.value = layer.weight.value * 3 }
        #expect(run(normed).maximumDifference(to: before) < 1e-5 && run(plain).maximumDifference(to: other) > 1e-3)
        check(normed) { normed($0, offsets: offsets, samples: [0, 1, 2], in: .inference) }
    }
}
