import Autodiff
import Options
import Requirements

/// Stochastic gradient descent, with momentum if wanted.
///
/// `g ← g + wd · p`; `b ← μ b + (1 − damping) g` (the first step takes g itself); `p ← p − lr · b`, with Nesterov's variant
/// `g + μ b` in place of b.
public struct SGD: UpdateRule {
    /// μ; 0: none.
    public var momentum: Double
    /// How much less of a gradient goes into the momentum.
    public var dampening: Double
    /// Whether the step looks ahead.
    public var isNesterov: Bool

    /// Traps for Nesterov's variant without a momentum, or with dampening.
    public init(momentum: Double = 0, dampening: Double = 0, isNesterov: Bool = false) {
        (self.momentum, self.dampening, self.isNesterov) = (momentum, dampening, isNesterov)
        require(!isNesterov || momentum > 0 && dampening == 0, "SGD: \(Self.nesterov)")
    }

    private static let nesterov = "Nesterov's variant needs a momentum, and no dampening"

    public var options: [OptionRow<SGD>] {
        [
            .init("momentum", \.momentum, "", .atLeast(0)), .init("dampening", \.dampening, "", .atLeast(0)),
            .init("nesterov", \.isNesterov).where("false: \(Self.nesterov)") { !$0.isNesterov || $0.momentum > 0 && $0.dampening == 0 },
        ]
    }
    public var stateNames: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        var direction = step.decayed(gradient, value)
        if momentum != 0 {
            let buffer = state.tensors["momentum_buffer"].map { $0 * momentum + direction * (1 - dampening) } ?? direction
            state.tensors["momentum_buffer"] = buffer
            direction = isNesterov ? direction + buffer * momentum : buffer
        }
        value.add(direction, times: -step.learningRate)
    }
}
