import Autodiff
import Options

/// RMSprop (Hinton 2012; centered: Graves 2013): `v ← α v + (1 − α) g²`, `p ← p − lr · g / (√v + ε)`.
public struct RMSprop: UpdateRule {
    /// Decay of the mean square.
    public var alpha: Double
    /// μ of a momentum over the divided gradients; 0: none.
    public var momentum: Double
    /// Added to the root.
    public var epsilon: Double
    /// Whether the mean gradient's square is taken off the mean square.
    public var isCentered: Bool

    /// The rule with PyTorch's defaults.
    public init(alpha: Double = 0.99, momentum: Double = 0, epsilon: Double = 1e-8, isCentered: Bool = false) {
        (self.alpha, self.momentum, self.epsilon, self.isCentered) = (alpha, momentum, epsilon, isCentered)
    }

    public var options: [OptionRow<RMSprop>] {
        [
            .init("alpha", \.alpha, "", .decay), .init("momentum", \.momentum, "", .atLeast(0)),
            .init("eps", \.epsilon, "", .atLeast(0)), .init("centered", \.isCentered),
        ]
    }
    public var stateNames: [String] {
        ["square_avg"] + (isCentered ? ["grad_avg"] : []) + (momentum == 0 ? [] : ["momentum_buffer"])
    }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let g = step.decayed(gradient, value)
        var squares = state.decay("square_avg", by: alpha, adding: g.square(), times: 1 - alpha)
        if isCentered { squares = squares - state.decay("grad_avg", by: alpha, adding: g, times: 1 - alpha).square() }
        var direction = g / (squares.sqrt() + epsilon)
        if momentum != 0 { direction = state.decay("momentum_buffer", by: momentum, adding: direction, times: 1) }
        value.add(direction, times: -step.learningRate)
    }
}
