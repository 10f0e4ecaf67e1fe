import Autodiff
import Options

/// AdamW over gradients to which a slow mean of themselves is added (Grokfast: Lee et al. 2024, arXiv:2405.20233; GrokAdamW).
///
/// Each parameter's gradient is clipped by itself first, and β₁ is smaller for later parameters of a group.
public struct GrokAdamW: UpdateRule {
    /// Decay of the mean gradient, for the first parameter of a group; decay of the mean square.
    public var beta1, beta2: Double
    /// Added to the root of the mean square.
    public var epsilon: Double
    /// Decay of the slow mean.
    public var alpha: Double
    /// How much of the slow mean is added.
    public var lambda: Double
    /// By what share β₁ falls from one parameter to the next.
    public var gamma: Double
    /// The largest norm of a parameter's gradient; 0: no limit.
    public var gradientClipping: Double

    /// The rule with its package's defaults.
    public init(
        beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, alpha: Double = 0.98, lambda: Double = 2,
        gamma: Double = 0.1, gradientClipping: Double = 1
    ) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        (self.alpha, self.lambda, self.gamma, self.gradientClipping) = (alpha, lambda, gamma, gradientClipping)
    }

    public var options: [OptionRow<GrokAdamW>] {
        [
            .init("beta1", \.beta1, "", .decay), .init("beta2", \.beta2, "", .decay), .init("eps", \.epsilon, "", .atLeast(0)),
            .init("alpha_init", \.alpha, "", .decay), .init("lamb", \.lambda, "", .atLeast(0)), .init("gamma", \.gamma, "", .decay),
            .init("gradient_clipping", \.gradientClipping, "", .atLeast(0)),
        ]
    }
    public var stateNames: [String] { ["exp_avg", "exp_avg_sq", "grok_ema"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let t = Double(step.number)
        let norm = gradient.sumOfSquares.squareRoot() * step.gradientScale
        var step = step
        step.gradientScale *= clippingCoefficient(norm: norm, maximumNorm: gradientClipping)
        var g = step.scaled(gradient)
        g = g + state.decay("grok_ema", by: alpha, adding: g, times: 1 - alpha) * lambda
        let ownBeta1 = beta1 * power(1 - gamma, Double(step.place))
        let mean = state.decay("exp_avg", by: ownBeta1, adding: g, times: 1 - ownBeta1)
        let squares = state.decay("exp_avg_sq", by: beta2, adding: g.square(), times: 1 - beta2)
        let size = step.learningRate * (1 - power(beta2, t)).squareRoot() / (1 - power(beta1, t))
        step.decay(&value)
        value.add(mean / (squares.sqrt() + epsilon), times: -size)
    }
}
