import Autodiff
import Layers
import Requirements

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
        /// A learning rate of the group's own, in place of the run's, before schedule and factor; nil: there is none.
        public var learningRate: Double?
        /// Whether clipping counts and scales their gradients.
        public var isClipped: Bool

        /// Parameters with settings of their own.
        public init(
            parameters: [NamedParameter], weightDecay: Double, learningRateFactor: Double = 1, learningRate: Double? = nil,
            isClipped: Bool = true
        ) {
            self.parameters = parameters
            self.weightDecay = weightDecay
            self.learningRateFactor = learningRateFactor
            self.learningRate = learningRate
            self.isClipped = isClipped
        }

        /// The group's learning rate.
        ///
        /// - Parameters:
        ///   - base: The run's.
        ///   - factor: Of the schedule.
        public func learningRate(of base: Double, times factor: Double = 1) -> Double {
            (learningRate ?? base) * factor * learningRateFactor
        }
    }

    /// How each parameter is changed.
    public let rule: any UpdateRule
    /// All parameters that a step changes, each in one group.
    public let groups: [Group]
    /// Number of updates done.
    public internal(set) var stepCount = 0
    /// Whether the parameters hold the weights that are evaluated and saved; the same as those that are trained, for most rules.
    public internal(set) var usesEvaluationWeights = false
    var states: [ObjectIdentifier: ParameterState] = [:]

    /// An optimizer of groups made by hand.
    ///
    /// Traps for a parameter or a name that is there twice, and for a weight decay, a learning rate or a factor of one that is
    /// negative or not finite.
    public init(_ rule: any UpdateRule, groups: [Group]) {
        var (names, parameters) = (Set<String>(), [ObjectIdentifier: String]())
        for (number, group) in groups.enumerated() {
            for (what, value) in [
                ("weightDecay", group.weightDecay), ("learningRateFactor", group.learningRateFactor),
                ("learningRate", group.learningRate ?? 0),
            ] {
                require(
                    value >= 0 && value.isFinite,
                    "Optimizer: \(what) of group \(number) (\(group.parameters.first?.name ?? "empty")) is \(value), but must be 0 or more, and finite"
                )
            }
            for named in group.parameters {
                if let other = parameters.updateValue(named.name, forKey: ObjectIdentifier(named.parameter)) {
                    refuse("Optimizer: the parameter \(named.name) is given twice\(other == named.name ? "" : ", also as \(other)")")
                }
                require(names.insert(named.name).inserted, "Optimizer: two parameters have the name \(named.name)")
            }
        }
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
    ///   - learningRate: A learning rate of its own, for the parameter of a name; nil: the run's.
    public convenience init(
        _ rule: any UpdateRule, parameters: [NamedParameter], unclipped: [NamedParameter] = [], weightDecay: Double = 0,
        learningRateFactor: (_ name: String) -> Double = { _ in 1 }, learningRate: (_ name: String) -> Double? = { _ in nil }
    ) {
        struct Rate: Hashable { let factor: Double, own: Double? }
        var groups: [Group] = []
        for (parameters, isClipped) in [(parameters, true), (unclipped, false)] {
            for isExempt in [false, true] {
                let parameters = parameters.filter { Optimizer.isExemptFromDecay($0.name) == isExempt }
                let byRate = Dictionary(grouping: parameters) { Rate(factor: learningRateFactor($0.name), own: learningRate($0.name)) }
                let sorted = byRate.sorted { a, b in (a.key.own ?? .infinity, a.key.factor) > (b.key.own ?? .infinity, b.key.factor) }
                groups += sorted.map { rate, parameters in
                    Group(
                        parameters: parameters, weightDecay: isExempt ? 0 : weightDecay, learningRateFactor: rate.factor,
                        learningRate: rate.own, isClipped: isClipped)
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
    public func reset() { (stepCount, states, usesEvaluationWeights) = (0, [:], false) }

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
    ///   - learningRate: Of this step, before what the groups make of it.
    ///   - maximumNorm: Gradients are scaled down so that their global norm is at most this; nil or zero: never.
    ///   - gradientNorm: The global norm, if the caller has computed it already.
    /// - Returns: The global norm of the gradients before clipping.
    @discardableResult
    public func step(
        _ gradients: Gradients, learningRate: Double, maximumNorm: Double? = nil, gradientNorm: Double? = nil
    ) -> Double {
        step(
            gradients, learningRates: groups.map { $0.learningRate(of: learningRate) }, maximumNorm: maximumNorm, gradientNorm: gradientNorm
        )
    }

    /// The same with one learning rate for each group, which is used as it is.
    @discardableResult
    public func step(
        _ gradients: Gradients, learningRates: [Double], maximumNorm: Double? = nil, gradientNorm: Double? = nil
    ) -> Double {
        require(learningRates.count == groups.count, "Optimizer.step: \(learningRates.count) learning rates for \(groups.count) groups")
        for rate in learningRates {
            require(rate >= 0 && rate.isFinite, "Optimizer.step: the learning rate is \(rate), but must be 0 or more, and finite")
        }
        let norm = gradientNorm ?? self.gradientNorm(gradients)
        let scale = clippingCoefficient(norm: norm, maximumNorm: maximumNorm)
        useTrainingWeights()
        stepCount += 1
        for (group, learningRate) in zip(groups, learningRates) {
            var step = UpdateStep(
                learningRate: learningRate, weightDecay: group.weightDecay, gradientScale: group.isClipped ? scale : 1, number: 0, place: -1
            )
            for named in group.parameters where named.parameter.isTrainable {
                guard let gradient = gradients[named.parameter] else { continue }
                let identifier = ObjectIdentifier(named.parameter)
                var state = states.removeValue(forKey: identifier) ?? ParameterState()
                state.step += 1
                step.number = state.step
                step.place += 1
                named.parameter.update { rule.update(&$0, state: &state, gradient: gradient, step: step) }
                // What is not named would be lost with the next checkpoint.
                if let problem = rule.mismatch(state, shape: gradient.shape) { refuse("Optimizer: the state of \(named.name) \(problem)") }
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
