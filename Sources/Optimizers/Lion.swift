import Autodiff
import Options

/// Lion (Chen et al. 2023, arXiv:2302.06675): steps of one size, in the direction of the sign.
public struct Lion: UpdateRule {
    /// Share of the mean gradient in the direction.
    public var beta1: Double
    /// Decay of the mean gradient.
    public var beta2: Double

    /// The rule with its paper's defaults.
    public init(beta1: Double = 0.9, beta2: Double = 0.99) { (self.beta1, self.beta2) = (beta1, beta2) }

    public var options: [OptionRow<Lion>] { [.init("beta1", \.beta1, "", .decay), .init("beta2", \.beta2, "", .decay)] }
    public var stateNames: [String] { ["exp_avg"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let g = step.scaled(gradient)
        let direction = (state.tensors["exp_avg"].map { $0 * beta1 + g * (1 - beta1) } ?? g).sign()
        step.decay(&value)
        value.add(direction, times: -step.learningRate)
        _ = state.decay("exp_avg", by: beta2, adding: g, times: 1 - beta2)
    }
}
