import Autodiff
import Options

/// AdamW whose learning rate falls where gradients jump (Wortsman et al. 2023, arXiv:2304.13013): it is divided by the root mean
/// square of gradient over expected gradient, if that is more than one.
public struct StableAdamW: UpdateRule {
    /// Decay of the mean gradient, and of the mean square.
    public var beta1, beta2: Double
    /// Added to the root of the mean square.
    public var epsilon: Double
    /// Whether weight decay goes by the share of `maximumLearningRate` in place of the learning rate itself.
    public var decouplesLearningRate: Bool
    /// The largest learning rate of the schedule, for `decouplesLearningRate`.
    public var maximumLearningRate: Double?

    /// The rule with its package's defaults.
    public init(
        beta1: Double = 0.9, beta2: Double = 0.99, epsilon: Double = 1e-6, decouplesLearningRate: Bool = false,
        maximumLearningRate: Double? = nil
    ) {
        (self.beta1, self.beta2, self.epsilon) = (beta1, beta2, epsilon)
        (self.decouplesLearningRate, self.maximumLearningRate) = (decouplesLearningRate, maximumLearningRate)
    }

    public var options: [OptionRow<StableAdamW>] {
        [
            .init("beta1", \.beta1, "", .decay), .init("beta2", \.beta2, "", .decay), .init("eps", \.epsilon, "", .moreThan(0)),
            .init("decouple_lr", \.decouplesLearningRate)
                .where("false, or max_lr has to be given") { !$0.decouplesLearningRate || $0.maximumLearningRate != nil },
            .init("max_lr", \.maximumLearningRate, "", .moreThan(0)),
        ]
    }
    public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let (g, t) = (step.scaled(gradient), Double(step.number))
        // Means that need no correction afterwards.
        func corrected(_ beta: Double) -> Double { (power(beta, t) - beta) / (power(beta, t) - 1) }
        let mean = state.decay("exp_avg", by: corrected(beta1), adding: g, times: 1 - corrected(beta1))
        let squares = state.decay("exp_avg_sq", by: corrected(beta2), adding: g.square(), times: 1 - corrected(beta2))
        let surprise = (g.square() / squares.clamped(from: epsilon * epsilon)).mean().item.squareRoot()
        let learningRate = step.learningRate / max(1, surprise)
        step.decay(&value, learningRate: decouplesLearningRate ? learningRate / (maximumLearningRate ?? 1) : learningRate)
        value.add(mean / (squares.sqrt() + epsilon), times: -learningRate)
    }
}
