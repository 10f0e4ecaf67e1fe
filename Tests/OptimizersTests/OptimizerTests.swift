import Autodiff
import Foundation
import Layers
import ModelFiles
import Optimizers
import Testing

struct OptimizerTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/optimizers")
    static let file = try! SafetensorsFile(contentsOf: folder.appendingPathComponent("optimizers.safetensors"))

    struct Settings: Decodable, Sendable {
        let optimizer: String
        let lr, weight_decay: Double
        let betas: [Double]?
        let eps, momentum: Double?
        let nesterov: Bool?

        var rule: any UpdateRule {
            optimizer == "AdamW"
                ? AdamW(beta1: betas![0], beta2: betas![1], epsilon: eps!)
                : SGD(momentum: momentum!, isNesterov: nesterov!)
        }
    }

    static let cases = try! JSONDecoder().decode(
        [String: Settings].self, from: Data(contentsOf: folder.appendingPathComponent("optimizers.json")))

    @Test(arguments: cases.keys.sorted(), [DType.float64, .float32])
    func thirtyStepsFollowTheReference(_ name: String, dtype: DType) throws {
        let settings = try #require(Self.cases[name])
        let names = ["matrix", "vector"]
        let parameters = try names.map {
            NamedParameter(name: $0, parameter: Parameter(try Self.file.tensor("start/\($0)").cast(to: dtype)))
        }
        let optimizer = Optimizer(settings.rule, groups: [.init(parameters: parameters, weightDecay: settings.weight_decay)])
        for step in 0..<30 {
            let gradients = try names.map { Gradient.dense(try Self.file.tensor("gradients/\($0)")[step].cast(to: dtype)) }
            optimizer.step(Gradients(parameters.map(\.parameter), gradients), learningRate: settings.lr)
            for parameter in parameters {
                let expected = try Self.file.tensor("\(name)/\(parameter.name)")[step]
                let found = parameter.parameter.value.cast(to: .float64)
                let scale = max(1, expected.abs().max().item)
                #expect(
                    found.maximumDifference(to: expected) < (dtype == .float64 ? 1e-12 : 2e-5) * scale,
                    "step \(step) \(parameter.name)")
            }
        }
    }

    /// Rows without a gradient count as zero, exactly, whether or not they had one before.
    @Test(arguments: [0, 0.1]) func rowSparseStepsEqualDenseOnes(weightDecay: Double) {
        let start = Tensor.normal([9, 4], key: RandomKey(1))
        let parameters = (0..<2).map { _ in Parameter(start) }
        let optimizers = parameters.map {
            Optimizer(AdamW(), groups: [.init(parameters: [NamedParameter(name: "w", parameter: $0)], weightDecay: weightDecay)])
        }
        for step in 0..<20 {
            let rows = Tensor(indices: [step % 9, (step * step) % 7, step % 9])
            let values = Tensor.normal([3, 4], key: RandomKey(UInt64(step + 10)))
            var gradient = Gradient.rows(RowSparseTensor(indices: rows, values: values, rowCount: 9))
            if step == 11 { gradient = .dense(gradient.tensor) }
            optimizers[0].step(Gradients([parameters[0]], [gradient]), learningRate: 0.01, maximumNorm: 1)
            optimizers[1].step(Gradients([parameters[1]], [.dense(gradient.tensor)]), learningRate: 0.01, maximumNorm: 1)
            #expect(parameters[0].value == parameters[1].value, "step \(step)")
        }
        #expect(parameters[0].value != start)
    }

    @Test func clippingScalesToTheLargestNorm() {
        let parameter = Parameter(Tensor([0, 0], dtype: .float64))
        let optimizer = Optimizer(SGD(), groups: [.init(parameters: [NamedParameter(name: "w", parameter: parameter)], weightDecay: 0)])
        let norm = optimizer.step(Gradients([parameter], [.dense(Tensor([3, 4], dtype: .float64))]), learningRate: 1, maximumNorm: 1)
        #expect(norm == 5)
        #expect(abs(parameter.value.values[0] + 3 / (5 + 1e-6)) < 1e-12)
        #expect(clippingCoefficient(norm: 0.5, maximumNorm: 1) == 1)
        #expect(clippingCoefficient(norm: 50, maximumNorm: 0) == 1)
    }

    @Test(arguments: [
        ("encoder.layer.0.output.dense.weight", false), ("encoder.layer.0.output.dense.bias", true),
        ("embeddings.LayerNorm.weight", true), ("layers.1.attn_norm.weight", true), ("norm.weight", true),
        ("normalizer.weight", false), ("relative_attention_bias.weight", true), ("rmsnorm.weight", true),
    ]) func namesThatAreExemptFromDecay(_ name: String, _ isExempt: Bool) {
        #expect(Optimizer.isExemptFromDecay(name) == isExempt)
    }

    @Test func groupsHaveLearningRatesOfTheirOwn() {
        let names = ["body.weight", "body.bias", "head.weight", "temperature"]
        let named = names.map { NamedParameter(name: $0, parameter: Parameter(Tensor([1], dtype: .float64))) }
        let optimizer = Optimizer(
            SGD(), parameters: Array(named.prefix(3)), unclipped: [named[3]], weightDecay: 0.5,
            learningRateFactor: { $0.hasPrefix("body.") ? 0.1 : $0 == "temperature" ? 4 : 1 })
        #expect(optimizer.groups.map { $0.parameters.map(\.name) } == [["head.weight"], ["body.weight"], ["body.bias"], ["temperature"]])
        #expect(optimizer.groups.map(\.learningRateFactor) == [1, 0.1, 0.1, 4])
        #expect(optimizer.groups.map(\.weightDecay) == [0.5, 0.5, 0, 0.5])
        #expect(optimizer.groups.map(\.isClipped) == [true, true, true, false])
        let gradients = Gradients(named.map(\.parameter), named.map { _ in .dense(Tensor([2], dtype: .float64)) })
        optimizer.step(gradients, learningRate: 0.1)
        // 1 − 0.1 · factor · (2 + decay).
        let expected = [1 - 0.01 * 2.5, 1 - 0.01 * 2, 1 - 0.1 * 2.5, 1 - 0.4 * 2.5]
        for (parameter, value) in zip(named, expected) {
            #expect(abs(parameter.parameter.value.item - value) < 1e-12, "\(parameter.name)")
        }
    }

    @Test func decayReachesWeightsOnly() {
        let weight = Parameter(Tensor([1])), bias = Parameter(Tensor([1])), frozen = Parameter(Tensor([1]), isTrainable: false)
        let named = [("a.weight", weight), ("a.bias", bias), ("b.weight", frozen)].map { NamedParameter(name: $0.0, parameter: $0.1) }
        let optimizer = Optimizer(AdamW(), parameters: named, weightDecay: 0.5)
        optimizer.step(Gradients([weight, bias, frozen], [Gradient](repeating: .dense(Tensor([0])), count: 3)), learningRate: 0.1)
        #expect(abs(weight.value.item - 0.95) < 1e-6 && bias.value.item == 1 && frozen.value.item == 1)
    }
}
