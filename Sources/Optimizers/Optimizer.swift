import Autodiff
import Layers

/// Applies an update rule to groups of parameters.
public final class Optimizer {
    /// Parameters that share their settings.
    public struct Group {
        /// The parameters, by the names under which their state is saved.
        public var parameters: [NamedParameter]
        /// What the update rule is given as weight decay.
        public var weightDecay: Double
        /// What the learning rate of each step is multiplied by.
        public var learningRateFactor: Double
        /// Whether clipping counts and scales their gradients.
        public var isClipped: Bool

        /// Parameters with settings of their own.
        public init(parameters: [NamedParameter], weightDecay: Double, learningRateFactor: Double = 1, isClipped: Bool = true) {
            self.parameters = parameters
            self.weightDecay = weightDecay
            self.learningRateFactor = learningRateFactor
            self.isClipped = isClipped
        }
    }

    /// How each parameter is changed.
    public let rule: any UpdateRule
    /// All parameters that a step changes, each in one group.
    public let groups: [Group]
    /// Number of updates done.
    public internal(set) var stepCount = 0
    var states: [ObjectIdentifier: ParameterState] = [:]

    /// An optimizer of groups made by hand.
    public init(_ rule: any UpdateRule, groups: [Group]) {
        self.rule = rule
        self.groups = groups
    }

    /// The usual groups: weight decay for all parameters but biases and the weights of norms.
    ///
    /// - Parameters:
    ///   - rule: How each parameter is changed.
    ///   - parameters: Usually `model.namedParameters`.
    ///   - unclipped: Further parameters whose gradients are not clipped: those of a loss.
    ///   - weightDecay: Of all parameters that are not exempt from it.
    ///   - learningRateFactor: What the learning rate is multiplied by for the parameter of a name.
    public convenience init(
        _ rule: any UpdateRule, parameters: [NamedParameter], unclipped: [NamedParameter] = [], weightDecay: Double = 0,
        learningRateFactor: (_ name: String) -> Double = { _ in 1 }
    ) {
        var groups: [Group] = []
        for (parameters, isClipped) in [(parameters, true), (unclipped, false)] {
            for isExempt in [false, true] {
                let parameters = parameters.filter { Optimizer.isExemptFromDecay($0.name) == isExempt }
                let byFactor = Dictionary(grouping: parameters) { learningRateFactor($0.name) }
                groups += byFactor.sorted { $0.key > $1.key }.map { factor, parameters in
                    Group(
                        parameters: parameters, weightDecay: isExempt ? 0 : weightDecay, learningRateFactor: factor,
                        isClipped: isClipped)
                }
            }
        }
        self.init(rule, groups: groups)
    }

    /// The global norm of the gradients that clipping counts.
    public func gradientNorm(_ gradients: Gradients) -> Double { gradients.globalNorm(without: unclipped) }

    /// The global norm of those that it leaves out.
    public func unclippedNorm(_ gradients: Gradients) -> Double {
        let own = unclipped.filter { gradients[$0] != nil }
        return Gradients(own, own.map { gradients[$0] }).globalNorm
    }

    private var unclipped: [Parameter] { groups.filter { !$0.isClipped }.flatMap { $0.parameters.map(\.parameter) } }

    /// Forgets all updates.
    public func reset() { (stepCount, states) = (0, [:]) }

    /// Whether a parameter's name says that it is a bias or belongs to a norm.
    public static func isExemptFromDecay(_ name: String) -> Bool {
        let name = name.lowercased()
        if name.contains("bias") || name.contains("layernorm") || name.contains("rmsnorm") { return true }
        return name.split(separator: ".").contains { $0 == "norm" || $0.hasSuffix("_norm") }
    }

    /// Updates every parameter that has a gradient.
    ///
    /// - Parameters:
    ///   - gradients: Of any parameters; those in no group are left out.
    ///   - learningRate: Of this step, before the factors of the groups.
    ///   - maximumNorm: Gradients are scaled down so that their global norm is at most this; nil or zero: never.
    ///   - gradientNorm: The global norm, if the caller has computed it already.
    /// - Returns: The global norm of the gradients before clipping.
    @discardableResult
    public func step(
        _ gradients: Gradients, learningRate: Double, maximumNorm: Double? = nil, gradientNorm: Double? = nil
    ) -> Double {
        let norm = gradientNorm ?? self.gradientNorm(gradients)
        let scale = clippingCoefficient(norm: norm, maximumNorm: maximumNorm)
        stepCount += 1
        for group in groups {
            for named in group.parameters where named.parameter.isTrainable {
                guard let gradient = gradients[named.parameter] else { continue }
                let identifier = ObjectIdentifier(named.parameter)
                var state = states.removeValue(forKey: identifier) ?? ParameterState()
                named.parameter.update { value in
                    rule.update(
                        &value, state: &state, gradient: gradient, gradientScale: group.isClipped ? scale : 1,
                        learningRate: learningRate * group.learningRateFactor, weightDecay: group.weightDecay, step: stepCount)
                }
                states[identifier] = state
            }
        }
        return norm
    }
}

/// What gradients are multiplied with so that their global norm is at most `maximumNorm`: `min(1, c / (norm + 1e-6))`.
public func clippingCoefficient(norm: Double, maximumNorm: Double?) -> Double {
    guard let maximumNorm, maximumNorm > 0 else { return 1 }
    return min(1, maximumNorm / (norm + 1e-6))
}
