import Autodiff
import Options

/// Training without a schedule (Defazio et al. 2024, arXiv:2405.15682): steps are taken by `z`, gradients at a point between it
/// and the mean of all `z`, and that mean is what is evaluated and saved.
public struct ScheduleFree: UpdateRule {
    /// What the gradient is divided by.
    public enum Normalization: Sendable {
        /// Nothing: plain gradient descent.
        case none
        /// The root of the mean square, as in Adam.
        case adam
        /// The same from where the mean square is reliable on; before, nothing moves (RAdam: Liu et al. 2020).
        case rectifiedAdam
    }

    /// What the gradient is divided by.
    public let normalization: Normalization
    /// Share of the mean in the point where gradients are taken: more than 0 and below 1.
    public var beta1: Double
    /// Decay of the mean square.
    public var beta2: Double
    /// Added to its root.
    public var epsilon: Double
    /// Steps over which the learning rate rises.
    public var warmupSteps: Int
    /// The power of the step's number in its weight in the mean.
    public var r: Double
    /// The power of the largest learning rate so far in that weight.
    public var weightLearningRatePower: Double

    /// The rule with its package's defaults.
    public init(
        _ normalization: Normalization, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8, warmupSteps: Int = 0,
        r: Double = 0, weightLearningRatePower: Double = 2
    ) {
        (self.normalization, self.beta1, self.beta2, self.epsilon) = (normalization, beta1, beta2, epsilon)
        (self.warmupSteps, self.r, self.weightLearningRatePower) = (warmupSteps, r, weightLearningRatePower)
    }

    public var options: [OptionRow<ScheduleFree>] {
        [
            .init(normalization == .none ? "momentum" : "beta1", \.beta1, "", Bound("more than 0 and below 1") { $0 > 0 && $0 < 1 }),
            .init("r", \.r), .init("weight_lr_power", \.weightLearningRatePower),
        ]
            + (normalization == .none
                ? [] : [.init("beta2", \.beta2, "", .decay), .init("eps", \.epsilon, "", .atLeast(0))])
    }
    public var averagingShare: Double? { beta1 }
    public var stateNames: [String] { ["z", "weight_sum", "lr_max"] + (normalization == .none ? [] : ["exp_avg_sq"]) }
    public func shape(ofState name: String, for shape: [Int]) -> [Int]? { ["weight_sum", "lr_max"].contains(name) ? [] : shape }

    public func update(_ value: inout Tensor, state: inout ParameterState, gradient: Gradient, step: UpdateStep) {
        var (g, t) = (step.scaled(gradient), Double(step.number))
        var learningRate = step.learningRate
        let correction = 1 - power(beta2, t)
        var divides = normalization == .adam
        if normalization == .rectifiedAdam {
            let limit = 2 / (1 - beta2) - 1
            let length = limit - 2 * t * (1 - correction) / correction
            divides = length > 4
            let rectified = (length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length)
            learningRate *= divides ? rectified.squareRoot() : 0
        } else if step.number <= warmupSteps {
            learningRate *= t / Double(warmupSteps)
        }
        let largest = max(learningRate, state.tensors["lr_max"]?.item ?? -1)
        let weight = power(t, r) * power(largest, weightLearningRatePower)
        let sum = (state.tensors["weight_sum"]?.item ?? 0) + weight
        let share = sum == 0 ? 0 : weight / sum
        let z = state.tensors["z"] ?? value
        if normalization != .none {
            let squares = state.decay("exp_avg_sq", by: beta2, adding: g.square(), times: 1 - beta2)
            if divides { g = g / ((squares / correction).sqrt() + epsilon) }
        }
        if step.weightDecay != 0 { g = g + value * step.weightDecay }
        value = value + (z - value) * share
        value.add(g, times: learningRate * (beta1 * (1 - share) - 1))
        state.tensors["z"] = z - g * learningRate
        state.tensors["weight_sum"] = Tensor(sum, dtype: .float64)
        state.tensors["lr_max"] = Tensor(largest, dtype: .float64)
    }
}
