import Autodiff
import Options

/// Adam with decoupled weight decay and bias correction (Loshchilov & Hutter 2019, arXiv:1711.05101).
public struct AdamW: UpdateRule {
    /// Decay of the mean gradient.
    public var beta1: Double
    /// Decay of the mean squared gradient.
    public var beta2: Double
    /// Added to the root of the mean squared gradient.
    public var epsilon: Double

    /// The rule with PyTorch's defaults.
    public init(beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
    }

    public var options: [OptionRow<AdamW>] {
        [.init("beta1", \.beta1, "", .decay), .init("beta2", \.beta2, "", .decay), .init("eps", \.epsilon, "", .atLeast(0))]
    }
    public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        // The local variables are the only owners, so the update is in place.
        var first = state.take("exp_avg", or: .zerosOnDemand(value.shape, dtype: value.dtype))
        var second = state.take("exp_avg_sq", or: .zerosOnDemand(value.shape, dtype: value.dtype))
        value.applyAdamW(
            gradient: gradient, gradientScale: step.gradientScale, firstMoment: &first, secondMoment: &second,
            liveRows: &state.liveRows, learningRate: step.learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weightDecay: step.weightDecay, step: step.number)
        state.tensors = ["exp_avg": first, "exp_avg_sq": second]
    }
}

extension Bound<Double> {
    /// What a mean forgets: at least 0 and below 1.
    static var decay: Bound { Bound("at least 0 and below 1") { (0..<1).contains($0) } }
}
