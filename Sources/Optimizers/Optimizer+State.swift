import Autodiff
import Layers

extension Optimizer {
    /// All that it remembers, by names.
    public struct State: Sendable {
        /// Number of updates done.
        public var stepCount: Int
        /// The rule's tensors, as `exp_avg.encoder.layer.0.output.dense.weight`; and as `step.…` the number of a parameter's
        /// updates, where it had fewer than `stepCount`.
        public var tensors: [String: Tensor]

        /// A state of given values.
        public init(stepCount: Int = 0, tensors: [String: Tensor] = [:]) {
            self.stepCount = stepCount
            self.tensors = tensors
        }
    }

    private static let stepName = "step"

    /// What there is to remember, to go on from later.
    public var state: State {
        var tensors: [String: Tensor] = [:]
        for named in groups.flatMap(\.parameters) {
            guard let state = states[ObjectIdentifier(named.parameter)] else { continue }
            for (name, tensor) in state.tensors { tensors["\(name).\(named.name)"] = tensor }
            if state.step != stepCount { tensors["\(Self.stepName).\(named.name)"] = Tensor(Double(state.step), dtype: .float64) }
        }
        return State(stepCount: stepCount, tensors: tensors)
    }

    /// Goes on from a state. The parameters have to be those that were saved with it: see `usesEvaluationWeights`.
    ///
    /// - Returns: What does not fit, in words; nil where everything does. Nothing has changed otherwise.
    public func restore(_ state: State) -> String? {
        var rest = state.tensors
        var restored: [ObjectIdentifier: ParameterState] = [:]
        for named in groups.flatMap(\.parameters) {
            let shape = named.parameter.shape
            var found: [String: Tensor] = [:]
            for name in rule.stateNames { found[name] = rest.removeValue(forKey: "\(name).\(named.name)") }
            let step = rest.removeValue(forKey: "\(Self.stepName).\(named.name)").map { Int($0.item) }
            if found.isEmpty && step == nil && !rule.stateNames.isEmpty { continue }
            let own = ParameterState(found, step: step ?? state.stepCount, shape: shape)
            if let problem = rule.mismatch(own, shape: shape) { return "the optimizer's state of \(named.name) \(shape) \(problem)" }
            restored[ObjectIdentifier(named.parameter)] = own
        }
        if let name = rest.keys.min() { return "nothing that is trained has the optimizer's state \(name)" }
        (stepCount, states, usesEvaluationWeights) = (state.stepCount, restored, true)
        return nil
    }

    /// Gives the parameters the weights that are evaluated and saved, where the rule trains others; until
    /// `useTrainingWeights()`.
    public func useEvaluationWeights() {
        guard !usesEvaluationWeights else { return }
        usesEvaluationWeights = true
        if let share = rule.averagingShare { moveParameters(by: 1 - 1 / share) }
    }

    /// Gives the parameters the weights that are trained.
    public func useTrainingWeights() {
        guard usesEvaluationWeights else { return }
        usesEvaluationWeights = false
        if let share = rule.averagingShare { moveParameters(by: 1 - share) }
    }

    /// Runs `body` with the weights that are evaluated and saved.
    public func withEvaluationWeights<R>(_ body: () throws -> R) rethrows -> R {
        let wereUsed = usesEvaluationWeights
        useEvaluationWeights()
        defer { if !wereUsed { useTrainingWeights() } }
        return try body()
    }

    /// `p ← p + (z − p) · share`.
    private func moveParameters(by share: Double) {
        for named in groups.flatMap(\.parameters) {
            guard let z = states[ObjectIdentifier(named.parameter)]?.tensors["z"] else { continue }
            named.parameter.update { $0 = $0 + (z - $0) * share }
        }
    }
}
