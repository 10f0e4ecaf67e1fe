import Autodiff
import Layers

/// Applies an update rule to groups of parameters.
public final class Optimizer {
    /// Parameters that share a weight decay.
    public struct Group {
        public var parameters: [NamedParameter]
        public var weightDecay: Double
        /// Whether clipping counts and scales their gradients.
        public var isClipped: Bool

        public init(parameters: [NamedParameter], weightDecay: Double, isClipped: Bool = true) {
            self.parameters = parameters
            self.weightDecay = weightDecay
            self.isClipped = isClipped
        }
    }

    public let rule: any UpdateRule
    public let groups: [Group]
    /// Number of updates done.
    public internal(set) var stepCount = 0
    var states: [ObjectIdentifier: ParameterState] = [:]

    public init(_ rule: any UpdateRule, groups: [Group]) {
        self.rule = rule
        self.groups = groups
    }

    /// The field's usual two groups: weight decay for all parameters but biases and the weights of norms.
    ///
    /// - Parameter unclipped: Further parameters, in such groups too, whose gradients are not clipped: a loss's own.
    public convenience init(
        _ rule: any UpdateRule, parameters: [NamedParameter], unclipped: [NamedParameter] = [], weightDecay: Double = 0
    ) {
        let groups = [(parameters, true), (unclipped, false)].flatMap { parameters, isClipped in
            [Group(parameters: parameters.filter { !Optimizer.isExemptFromDecay($0.name) }, weightDecay: weightDecay, isClipped: isClipped),
             Group(parameters: parameters.filter { Optimizer.isExemptFromDecay($0.name) }, weightDecay: 0, isClipped: isClipped)]
        }
        self.init(rule, groups: groups.filter { !$0.parameters.isEmpty })
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
                    rule.update(&value, state: &state, gradient: gradient, gradientScale: group.isClipped ? scale : 1,
                                learningRate: learningRate, weightDecay: group.weightDecay, step: stepCount)
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
