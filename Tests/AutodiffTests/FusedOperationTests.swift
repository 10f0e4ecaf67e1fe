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

    static func attention(_ mask: DropoutMask?, isCausal: Bool = false, offsets: Offsets = offsets) -> Pair {
        let samples = mask == nil ? [] : Self.samples
        let scores = AttentionScores(isCausal: isCausal)
        let name = (isCausal ? "causal attention" : "attention") + (mask == nil ? "" : " with dropout")
        let shape = [offsets.rowCount, 6]
        return Pair(
            name: "\(name) \(offsets.lengths)", shapes: [shape, shape, shape],
            fused: {
                .raggedAttention(
                    queries: $0[0], keys: $0[1], values: $0[2], offsets: offsets, headCount: 2, scores: scores,
                    dropout: mask, samples: samples)
            }, composed: { AttentionPlan($0, offsets, nil, 2, scores, mask, samples).composed($0) })
    }

    /// Sequences of more queries than the kernel works on at once, and of lengths around whole vectors.
    static let longOffsets = Offsets(lengths: [70, 1, 33, 16])
    static let longPairs = [(nil, false), (mask, false), (nil, true), (mask, true)].map {
        attention($0, isCausal: $1, offsets: longOffsets)
    }

    static let pairs: [Pair] = [
        Pair(
            name: "linear", shapes: [[5, 4], [3, 4], [3]], fused: { $0[0].linear(weight: $0[1], bias: $0[2]) },
            composed: { $0[0].matmul($0[1], transposingB: true) + $0[2].reshaped([1, -1]) }),
        Pair(
            name: "layerNorm", shapes: [[5, 4], [4], [4]], fused: { $0[0].layerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) },
            composed: { $0[0].composedLayerNorm(scale: $0[1], shift: $0[2], epsilon: 1e-5) }),
        Pair(name: "gelu", shapes: [[5, 4]], fused: { $0[0].gelu() }, composed: { $0[0].composedGELU() }),
        Pair(name: "geluTanh", shapes: [[5, 4]], fused: { $0[0].geluTanh() }, composed: { $0[0].composedGELUTanh() }),
        Pair(
            name: "crossEntropy", shapes: [[5, 4]], fused: { $0[0].crossEntropy(targets: targets) },
            composed: { $0[0].composedCrossEntropy(targets: targets) }),
        attention(nil), attention(mask), attention(nil, isCausal: true), attention(mask, isCausal: true),
    ]

    @Test(arguments: pairs + longPairs) func valueAndGradientsEqualTheComposedTwin(_ pair: Pair) {
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

    @Test(arguments: pairs + longPairs) func float32EqualsFloat64(_ pair: Pair) {
        let x = pair.shapes.enumerated().map { Tensor.normal($1, dtype: .float64, key: RandomKey(UInt64($0 + 1))) }
        func run(_ dtype: DType) -> [Tensor] {
            let inputs = x.map { $0.cast(to: dtype) }
            let (value, gradients) = valueAndGradients(at: inputs) { pair.fused($0).square().sum() }
            return ([value] + gradients).map { $0.cast(to: .float64) }
        }
        for (a, b) in zip(run(.float32), run(.float64)) {
            #expect(a.maximumDifference(to: b) <= 2e-6 * max(1, b.values.map(abs).max()!))
        }
    }

    /// A token's result does not depend on those after it, and no gradient flows to those.
    @Test func causalAttentionDoesNotLookAhead() {
        let offsets = Offsets(lengths: [40])
        let x = Tensor.normal([40, 6], dtype: .float64, key: RandomKey(1))
        func attend(_ x: Tensor, _ offsets: Offsets) -> Tensor {
            .raggedAttention(
                queries: x, keys: x, values: x, offsets: offsets, headCount: 2,
                scores: AttentionScores(isCausal: true))
        }
        #expect(attend(x, offsets).sliced(0..<35).maximumDifference(to: attend(x.sliced(0..<35), Offsets(lengths: [35]))) < 1e-14)
        let gradient = gradient(at: x) { attend($0, offsets).sliced(0..<35).square().sum() }
        #expect(gradient.sliced(35..<40) == .zeros([5, 6], dtype: .float64))
        #expect(gradient.sliced(0..<35) != .zeros([35, 6], dtype: .float64))
    }
}
