import Autodiff

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

    public var stateNames: [String] { ["exp_avg", "exp_avg_sq"] }

    public func update(
        _ value: inout Tensor, state: inout ParameterState, gradient: Gradient, gradientScale: Double,
        learningRate: Double, weightDecay: Double, step: Int
    ) {
        if state.tensors.isEmpty {
            state.tensors = (0..<2).map { _ in .zerosOnDemand(value.shape, dtype: value.dtype) }
        }
        var first = state.tensors[0], second = state.tensors[1]
        state.tensors = []  // the local variables are the only owners now, so the update is in place
        value.applyAdamW(
            gradient: gradient, gradientScale: gradientScale, firstMoment: &first, secondMoment: &second,
            liveRows: &state.liveRows, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            weightDecay: weightDecay, step: step)
        state.tensors = [first, second]
    }
}
