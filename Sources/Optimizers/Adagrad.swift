import Autodiff
import Options

/// Adagrad (Duchi et al. 2011): `s ← s + g²`, `p ← p − lrₜ · g / (√s + ε)`, where `lrₜ = lr / (1 + (t − 1) · decay)`.
public struct Adagrad: UpdateRule {
    /// How the learning rate falls with the steps.
    public var learningRateDecay: Double
    /// What the sum of squares begins with.
    public var initialAccumulatorValue: Double
    /// Added to the root of the sum.
    public var epsilon: Double

    /// The rule with PyTorch's defaults.
    public init(learningRateDecay: Double = 0, initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10) {
        (self.learningRateDecay, self.initialAccumulatorValue) = (learningRateDecay, initialAccumulatorValue)
        self.epsilon = epsilon
    }

    public var options: [OptionRow<Adagrad>] {
        [
            .init("lr_decay", \.learningRateDecay, "", .atLeast(0)),
            .init("initial_accumulator_value", \.initialAccumulatorValue, "", .atLeast(0)), .init("eps", \.epsilon, "", .atLeast(0)),
        ]
    }
    public var stateNames: [String] { ["sum"] }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        let g = step.decayed(gradient, value)
        let sum = (state.tensors["sum"] ?? Tensor(repeating: initialAccumulatorValue, shape: value.shape, dtype: value.dtype)) + g.square()
        state.tensors["sum"] = sum
        value.add(g / (sum.sqrt() + epsilon), times: -step.learningRate / (1 + Double(step.number - 1) * learningRateDecay))
    }
}

extension UpdateStep {
    /// The scaled gradient, and weight decay as part of it: `g + wd · p`.
    func decayed(_ gradient: Gradient, _ value: Tensor) -> Tensor {
        weightDecay == 0 ? scaled(gradient) : scaled(gradient) + value * weightDecay
    }

    /// Weight decay beside the gradient: `p ← p (1 − lr · wd)`.
    func decay(_ value: inout Tensor, learningRate: Double? = nil) {
        if weightDecay != 0 { value = value * (1 - (learningRate ?? self.learningRate) * weightDecay) }
    }
}
