@testable import Autodiff
import Testing

/// The tools that find mistakes find them.
struct CheckingTests {
    let x = Tensor([0.3, -0.8, 1.7], dtype: .float64)

    @Test func gradientCheckSeesAWrongPullback() throws {
        let report = gradientCheck(at: [x, x]) { inputs in
            let wrong = Tape.record("wrong", value: inputs[1].detached().square(), from: inputs[1]) { dy in
                dy * inputs[1] * Tensor([2, 2, 3], dtype: .float64)
            }
            return inputs[0].sin() + wrong
        }
        #expect(!report.passed)
        let worst = try #require(report.worst)
        #expect(worst.input == "input 1" && worst.index == 2)
        #expect("\(report)".contains("input 1 at element 2"))
    }

    @Test func gradientCheckSeesAWrongSecondDerivative() {
        // The pullback holds the kernel's result instead of the recorded output: right once, wrong twice.
        func exponential(_ x: Tensor) -> Tensor {
            let value = x.detached().exp()
            return Tape.record("exponential", value: value, from: x) { dy in dy * value }
        }
        #expect(gradientCheck(at: [x], order: 1) { exponential($0[0]) }.passed)
        #expect(!gradientCheck(at: [x], order: 2) { exponential($0[0]) }.passed)
    }

    @Test func gradientCheckComparesDirectionsOfLargeInputs() {
        let large = Tensor.normal([40, 20], dtype: .float64, key: RandomKey(1))
        let report = gradientCheck(at: [large]) { $0[0].tanh() }
        #expect(report.passed && report.comparisons == 8)
    }

    #if canImport(Runtime)
        /// What stands between an operation and its caller is no caller.
        @Test(
            arguments: [
                ("$s8Autodiff6TensorV4sqrtACyF", nil, true), ("$sSq7flatMapyqd__Sgqd__xKXEKlFTg5", nil, true),
                ("$sSq7flatMapyqd__Sgqd__xKXEKlFTg5", "<compiler-generated>", true), ("$ss5SliceV7isEmptySbvg", "", true),
                ("$sSa3mapyqd__Ggqd__xKXEKlF", "/build/stdlib/public/core/Collection.swift", true),
                ("$sSa10MyResearchE3sumSfyF", "/home/me/MyResearch/Sources/Sum.swift", false),
                ("$s10MyResearch4lossyyF", nil, false), ("$s10MyResearch4lossyyF", "/home/me/Loss.swift", false),
                ("$s10MyResearch4lossyyF", "/home/me/Tapestry/Sources/Autodiff/Tape.swift", true), ("main", nil, false),
            ] as [(String, String?, Bool)])
        func libraryFramesAreSkipped(symbol: String, path: String?, isLibrary: Bool) {
            #expect(CallStack.isLibrary(symbol: symbol, path: path) == isLibrary)
        }
    #endif

    @Test func firstNonFiniteValueIsNamed() {
        let error = #expect(throws: Anomaly.self) {
            try detectAnomalies { tape in
                let a = tape.watch(Tensor([[1, 2], [0, 4]]))
                return tape.pullback(of: (a.log() * 0).sum(), to: [a])
            }
        }
        #expect(error?.operation == "log" && error?.direction == .forward && error?.row == 1 && error?.index == 2)
        #expect(error?.value == -.infinity)
    }

    @Test func firstNonFiniteDerivativeIsNamed() {
        let error = #expect(throws: Anomaly.self) {
            try detectAnomalies { tape in
                let a = tape.watch(Tensor([4, 0, 1]))
                return tape.pullback(of: a.sqrt().sum(), to: [a])
            }
        }
        #expect(error?.operation == "sqrt" && error?.direction == .backward && error?.row == 1)
    }

    @Test func finiteComputationsPass() throws {
        let gradient = try detectAnomalies { tape in
            let a = tape.watch(x)
            return tape.pullback(of: a.square().sum(), to: [a])[0]!.tensor
        }
        #expect(gradient.values == x.values.map { 2 * $0 })
    }
}
