import Autodiff
import Foundation
import Options

/// AdEMAMix (Pagliardini et al. 2024, arXiv:2409.03137): AdamW with a second, slow mean of the gradient beside the fast one.
public struct AdEMAMix: UpdateRule {
    /// Decay of the fast mean gradient, of the mean square, and of the slow mean gradient.
    public var beta1, beta2, beta3: Double
    /// How much the slow mean counts.
    public var alpha: Double
    /// Added to the root of the mean square.
    public var epsilon: Double
    /// Steps over which `alpha` and `beta3` rise; nil: they do not.
    public var alphaSteps, beta3Steps: Int?

    /// The rule with its paper's defaults.
    public init(
        beta1: Double = 0.9, beta2: Double = 0.999, beta3: Double = 0.9999, alpha: Double = 5, epsilon: Double = 1e-8,
        alphaSteps: Int? = nil, beta3Steps: Int? = nil
    ) {
        (self.beta1, self.beta2, self.beta3) = (beta1, beta2, beta3)
        (self.alpha, self.epsilon, self.alphaSteps, self.beta3Steps) = (alpha, epsilon, alphaSteps, beta3Steps)
    }

    public var options: [OptionRow<AdEMAMix>] {
        [
            .init("beta1", \.beta1, "", .decay), .init("beta2", \.beta2, "", .decay), .init("beta3", \.beta3, "", .decay),
            .init("alpha", \.alpha, "", .atLeast(0)), .init("eps", \.epsilon, "", .atLeast(0)),
            .init("t_alpha", \.alphaSteps, "", .atLeast(1)), .init("t_beta3", \.beta3Steps, "", .atLeast(1)),
        ]
    }
    public var stateNames: [String] { ["exp_avg", "exp_avg_sq", "exp_avg_slow"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let (g, t) = (step.scaled(gradient), Double(step.number))
        let alpha = alphaSteps.map { min(t * self.alpha / Double($0), self.alpha) } ?? self.alpha
        let beta3 = beta3Steps.map { slowDecay(share: t / Double($0)) } ?? self.beta3
        let fast = state.decay("exp_avg", by: beta1, adding: g, times: 1 - beta1)
        let squares = state.decay("exp_avg_sq", by: beta2, adding: g.square(), times: 1 - beta2)
        let slow = state.decay("exp_avg_slow", by: beta3, adding: g, times: 1 - beta3)
        let root = squares.sqrt() / (1 - power(beta2, t)).squareRoot() + epsilon
        step.decay(&value)
        value.add((fast / (1 - power(beta1, t)) + slow * alpha) / root, times: -step.learningRate)
    }

    /// β₃ on its way up from β₁, so that the half-life grows evenly.
    private func slowDecay(share: Double) -> Double {
        let (first, last) = (log(beta1), log(beta3))
        return min(exp(first * last / ((1 - share) * last + share * first)), beta3)
    }
}

/// The real power, without a module of mathematics in each file.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }
