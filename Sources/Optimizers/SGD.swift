import Autodiff
import Requirements

/// Stochastic gradient descent, with momentum if wanted.
///
/// `g ← g + wd · p`; `b ← μ b + g` (the first step takes g itself); `p ← p − lr · b`, with Nesterov's variant
/// `g + μ b` in place of b.
public struct SGD: UpdateRule {
    /// μ; 0: none.
    public var momentum: Double
    /// Whether the step looks ahead.
    public var isNesterov: Bool

    /// Traps for Nesterov's variant without a momentum.
    public init(momentum: Double = 0, isNesterov: Bool = false) {
        require(!isNesterov || momentum > 0, "SGD: Nesterov's variant needs a momentum")
        self.momentum = momentum
        self.isNesterov = isNesterov
    }

    public var stateNames: [String] { momentum == 0 ? [] : ["momentum_buffer"] }

    public func update(
        _ value: inout Tensor, state: inout ParameterState, gradient: Gradient, gradientScale: Double,
        learningRate: Double, weightDecay: Double, step: Int
    ) {
        var direction = gradientScale == 1 ? gradient.tensor : gradient.tensor * gradientScale
        if weightDecay != 0 { direction = direction + value * weightDecay }
        if momentum != 0 {
            let buffer = state.tensors.first.map { $0 * momentum + direction } ?? direction
            state.tensors = [buffer]
            direction = isNesterov ? direction + buffer * momentum : buffer
        }
        value.add(direction, times: -learningRate)
    }
}
