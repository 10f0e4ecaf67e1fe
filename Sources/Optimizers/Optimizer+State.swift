import Autodiff
import Layers

extension Optimizer {
    /// All that it remembers, by names.
    public struct State: Sendable {
        /// Number of updates done.
        public var stepCount: Int
        /// The rule's tensors, as `exp_avg.encoder.layer.0.output.dense.weight`.
        public var tensors: [String: Tensor]

        /// A state of given values.
        public init(stepCount: Int = 0, tensors: [String: Tensor] = [:]) {
            self.stepCount = stepCount
            self.tensors = tensors
        }
    }

    /// What there is to remember, to go on from later.
    public var state: State {
        var tensors: [String: Tensor] = [:]
        for named in groups.flatMap(\.parameters) {
            for (name, tensor) in zip(rule.stateNames, states[ObjectIdentifier(named.parameter)]?.tensors ?? []) {
                tensors["\(name).\(named.name)"] = tensor
            }
        }
        return State(stepCount: stepCount, tensors: tensors)
    }

    /// Goes on from a state.
    ///
    /// - Returns: What does not fit, in words; nil where everything does. Nothing has changed otherwise.
    public func restore(_ state: State) -> String? {
        var rest = state.tensors
        var restored: [ObjectIdentifier: ParameterState] = [:]
        for named in groups.flatMap(\.parameters) {
            let found = rule.stateNames.compactMap { rest.removeValue(forKey: "\($0).\(named.name)") }
            if found.isEmpty { continue }
            guard found.count == rule.stateNames.count, found.allSatisfy({ $0.shape == named.parameter.shape }) else {
                return "the optimizer's state of \(named.name) \(named.parameter.shape) has the shapes \(found.map(\.shape))"
            }
            restored[ObjectIdentifier(named.parameter)] = ParameterState(found)
        }
        if let name = rest.keys.min() { return "nothing that is trained has the optimizer's state \(name)" }
        (stepCount, states) = (state.stepCount, restored)
        return nil
    }
}
