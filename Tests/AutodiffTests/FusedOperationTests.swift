@testable import Autodiff
import Testing

/// Fused operations equal the same function composed of primitive ones, in value and gradient.
struct FusedOperationTests {
    struct Pair: Sendable, CustomTestStringConvertible {
        let name: String
        let shapes: [[Int]]
        let fused: @Sendable ([Tensor]) -> Tensor
        let composed: @Sendable ([Tensor]) -> Tensor
        var testDescription: String { name }
    }

    static let offsets = Offsets([0, 3, 3, 4, 9])
    static let mask = DropoutMask(rate: 0.3, key: RandomKey(5), site: 2)
    static let samples: [UInt32] = [4, 0, 9, 2]
    static let targets = Tensor(indices: [2, 0, 3, 3, 1])

    static func attention(_ mask: DropoutMask?) -> Pair {
        let plan = Kernels.AttentionPlan(
            offsets: offsets, headCount: 2, headWidth: 3, dropout: mask, samples: mask == nil ? [] : samples)
        return Pair(name: mask == nil ? "attention" : "attention with dropout", shapes: [[9, 6], [9, 6], [9, 6]], fused: {
            .raggedAttention(queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 2, dropout: mask,
                             samples: mask == nil ? [] : samples)
        }, composed: { Tensor.composedAttention($0[0], $0[1], $0[2], plan) })
    }

    static let pairs: [Pair] = [
        Pair(name: "linear", shapes: [[5, 4], [3, 4], [3]], fused: { $0[0].linear(weight: $0[1], bias: $0[2]) },
             composed: { $0[0].matmul($0[1], transposingB: true) + $0[2].reshaped([1, -1]) }),
        Pair(name: "layerNorm", shapes: [[5, 4], [4], [4]], fused: { $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) },
             composed: { $0[0].composedLayerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) }),
        Pair(name: "gelu", shapes: [[5, 4]], fused: { $0[0].gelu() }, composed: { $0[0].composedGELU() }),
        Pair(name: "geluTanh", shapes: [[5, 4]], fused: { $0[0].geluTanh() }, composed: { $0[0].composedGELUTanh() }),
        Pair(name: "crossEntropy", shapes: [[5, 4]], fused: { $0[0].crossEntropy(targets: targets) },
             composed: { $0[0].composedCrossEntropy(targets: targets) }),
        attention(nil), attention(mask),
    ]

    @Test(arguments: pairs) func valueAndGradientsEqualTheComposedTwin(_ pair: Pair) {
        let x = pair.shapes.enumerated().map { Tensor.normal($1, dtype: .float64, key: RandomKey(UInt64($0 + 1))) }
        func run(_ function: ([Tensor]) -> Tensor) -> (value: Tensor, gradients: [Tensor]) {
            let shape = function(x).shape
            let weights = Tensor.uniform(shape, from: 0.5, to: 1.5, dtype: .float64, key: RandomKey(77))
            return (function(x), valueAndGradients(at: x) { (function($0) * weights).sum() }.gradients)
        }
        let (fused, composed) = (run(pair.fused), run(pair.composed))
        #expect(fused.value.maximumDifference(to: composed.value) < 1e-12)
        for (a, b) in zip(fused.gradients, composed.gradients) {
            #expect(a.maximumDifference(to: b) < 1e-12)
            #expect(b.values.contains { $0 != 0 })
        }
    }

    @Test(arguments: pairs) func differentiableReversePassEqualsDifferences(_ pair: Pair) {
        let x = pair.shapes.enumerated().map { Tensor.normal($1, dtype: .float64, key: RandomKey(UInt64($0 + 1))) }
        let report = gradientCheck(at: x, order: 2, pair.fused)
        #expect(report.passed, "\(report)")
    }
}
