import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Options
import Optimizers
import Testing

/// All rules of `optim` against their reference implementations, and what optimizers refuse.
struct RuleTests {
    struct Listing: Decodable {
        let rates: [Double]
        let cases: [Case]
    }
    struct Case: Decodable, Sendable, CustomTestStringConvertible {
        let name, optim, arguments: String
        let weight_decay: Double
        let warmup: Int
        var testDescription: String { name }
    }

    static let file = try! SafetensorsFile(contentsOf: OptimizerTests.folder.appendingPathComponent("rules.safetensors"))
    static let listing = try! JSONDecoder().decode(Listing.self, from: ScheduleTests.data("rules.json"))
    private static let names = ["matrix", "vector"]

    private func optimizer(_ c: Case, _ dtype: DType, from values: [Tensor]? = nil) throws -> Optimizer {
        let parameters = try Self.names.enumerated().map { index, name in
            NamedParameter(name: name, parameter: Parameter(try values?[index] ?? Self.file.tensor("start/\(name)").cast(to: dtype)))
        }
        let rule = try #require(OptimizerType(rawValue: c.optim)).rule(warmupSteps: c.warmup, arguments: c.arguments)
        return Optimizer(rule, groups: [.init(parameters: parameters, weightDecay: c.weight_decay)])
    }

    private func values(_ optimizer: Optimizer) -> [Tensor] { optimizer.groups[0].parameters.map(\.parameter.value) }

    private func step(_ optimizer: Optimizer, _ number: Int, _ dtype: DType) throws {
        optimizer.useTrainingWeights()
        let gradients = try Self.names.map { Gradient.dense(try Self.file.tensor("gradients/\($0)")[number].cast(to: dtype)) }
        optimizer.step(
            Gradients(optimizer.groups[0].parameters.map(\.parameter), gradients), learningRate: Self.listing.rates[number])
    }

    @Test(arguments: listing.cases, [DType.float64, .float32]) func fiftyStepsFollowTheReference(_ c: Case, dtype: DType) throws {
        let optimizer = try optimizer(c, dtype)
        let limit = dtype == .float64 ? 1e-11 : 2e-4
        for number in 0..<50 {
            try step(optimizer, number, dtype)
            for (value, name) in zip(values(optimizer), Self.names) {
                let expected = try Self.file.tensor("\(c.name)/\(name)")[number]
                let scale = max(1, expected.abs().max().item)
                #expect(value.cast(to: .float64).maximumDifference(to: expected) < limit * scale, "step \(number) \(name)")
            }
        }
        optimizer.useEvaluationWeights()
        for (value, name) in zip(values(optimizer), Self.names) where Self.file.names.contains("evaluated/\(c.name)/\(name)") {
            let expected = try Self.file.tensor("evaluated/\(c.name)/\(name)")
            #expect(value.cast(to: .float64).maximumDifference(to: expected) < limit * max(1, expected.abs().max().item))
        }
    }

    /// A run that is saved after every step moves, to the bit, as one that only looks at the weights that would be saved.
    @Test(arguments: listing.cases) func everyStateGoesOn(_ c: Case) throws {
        let whole = try optimizer(c, .float32)
        var parts = try optimizer(c, .float32)
        for number in 0..<6 {
            try step(whole, number, .float32)
            whole.withEvaluationWeights {}
            try step(parts, number, .float32)
            let (state, saved) = parts.withEvaluationWeights { (parts.state, values(parts)) }
            parts = try optimizer(c, .float32, from: saved)
            #expect(parts.restore(state) == nil)
            parts.useTrainingWeights()
            #expect(values(parts) == values(whole), "step \(number)")
        }
        #expect(whole.stepCount == 6)
        // Another rule's state, and that of a larger parameter, are refused.
        let other = Optimizer(
            try OptimizerType(rawValue: c.optim == "adagrad" ? "lion_32bit" : "adagrad")!.rule(), groups: parts.groups)
        if !parts.state.tensors.isEmpty { #expect(other.restore(parts.state)?.contains("optimizer's state") == true) }
        let larger = try optimizer(c, .float32, from: [.zeros([3, 5]), .zeros([4])])
        if !parts.state.tensors.isEmpty { #expect(larger.restore(parts.state)?.contains("other shapes") == true) }
    }

    @Test func everyRuleIsTested() {
        let tested = Set(Self.listing.cases.map(\.optim)).union(["adamw_torch", "adamw_torch_fused"])
        #expect(Set(OptimizerType.allCases.map(\.standIn.rawValue)).subtracting(tested) == [])
    }

    @Test(arguments: [
        ("sgd", "momentun=0.9", "optim_args of sgd has no option momentun; did you mean momentum?"),
        ("sgd", "momentum", "key=value pairs were expected"),
        ("sgd", "nesterov=true", "nesterov is true, but must be false: Nesterov's variant needs a momentum"),
        ("rmsprop", "alpha=1.5", "alpha is 1.5, but must be at least 0 and below 1"),
        ("rmsprop", "centered=maybe", "centered must be true or false, not \"maybe\""),
        ("adafactor", "eps=-1", "eps is -1.0, but must be 0 or more"),
        ("stable_adamw", "decouple_lr=true", "max_lr has to be given"),
    ]) func argumentsThatCannotBeAreNamed(_ optim: String, _ arguments: String, _ words: String) throws {
        let type = try #require(OptimizerType(rawValue: optim))
        let error = #expect(throws: OptionError.self) { _ = try type.rule(arguments: arguments) }
        #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    }

    /// A parameter that comes late has as many updates as it had: its first is not corrected as if it were the fifth.
    @Test func stepsAreCountedByParameter() throws {
        func late(_ name: String) -> NamedParameter { NamedParameter(name: name, parameter: Parameter(Tensor([1, 2], dtype: .float64))) }
        let (early, second, alone) = (late("a"), late("b"), late("b"))
        let both = Optimizer(AdamW(), parameters: [early, second])
        let gradient = Gradient.dense(Tensor([3, -1], dtype: .float64))
        for _ in 0..<4 { both.step(Gradients([early.parameter], [gradient]), learningRate: 0.1) }
        both.step(Gradients([early.parameter, second.parameter], [gradient, gradient]), learningRate: 0.1)
        Optimizer(AdamW(), parameters: [alone]).step(Gradients([alone.parameter], [gradient]), learningRate: 0.1)
        #expect(second.parameter.value == alone.parameter.value)
        let state = both.state
        #expect(state.tensors["step.b"]?.item == 1 && state.tensors["step.a"] == nil)
        let next = Optimizer(AdamW(), parameters: [early, second])
        #expect(next.restore(state) == nil && next.state.tensors["step.b"]?.item == 1)
    }

    @Test func groupsHaveLearningRates() {
        let names = ["a", "b", "c"].map { NamedParameter(name: $0, parameter: Parameter(Tensor([1], dtype: .float64))) }
        let optimizer = Optimizer(
            SGD(), parameters: names, learningRateFactor: { $0 == "b" ? 2 : 1 }, learningRate: { $0 == "c" ? 0.5 : nil })
        #expect(optimizer.groups.map { $0.parameters[0].name } == ["b", "a", "c"])
        #expect(optimizer.groups.map { $0.learningRate(of: 0.1) } == [0.2, 0.1, 0.5])
        let gradients = Gradients(names.map(\.parameter), names.map { _ in .dense(Tensor([1], dtype: .float64)) })
        optimizer.step(gradients, learningRates: [0.25, 0, 0.5])
        #expect(names.map { $0.parameter.value.item } == [1, 0.75, 0.5])
    }

    /// Keeps what it does not name.
    struct Forgetful: UpdateRule {
        func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
            state.tensors["velocity"] = gradient.tensor
        }
    }

    static func named(_ name: String) -> NamedParameter { NamedParameter(name: name, parameter: Parameter(Tensor([1]))) }

    @Test func whatWouldBeLostIsRefused() async {
        await #expect(processExitsWith: .failure) {
            let weight = RuleTests.named("w")
            Optimizer(RuleTests.Forgetful(), parameters: [weight]).step(
                Gradients([weight.parameter], [.dense(Tensor([1]))]), learningRate: 1)
        }
        await #expect(processExitsWith: .failure) {
            let weight = RuleTests.named("w")
            _ = Optimizer(SGD(), parameters: [weight, NamedParameter(name: "v", parameter: weight.parameter)])
        }
        await #expect(processExitsWith: .failure) { _ = Optimizer(SGD(), parameters: [RuleTests.named("w"), RuleTests.named("w")]) }
        await #expect(processExitsWith: .failure) {
            _ = Optimizer(SGD(), parameters: [RuleTests.named("w")], learningRateFactor: { _ in -1 })
        }
        await #expect(processExitsWith: .failure) {
            _ = Optimizer(SGD(), groups: [.init(parameters: [RuleTests.named("w")], weightDecay: .nan)])
        }
        await #expect(processExitsWith: .failure) {
            let weight = RuleTests.named("w")
            Optimizer(SGD(), parameters: [weight]).step(Gradients([weight.parameter], [.dense(Tensor([1]))]), learningRate: .nan)
        }
    }
}
