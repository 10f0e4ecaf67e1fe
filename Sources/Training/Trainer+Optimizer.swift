import Foundation
import Layers
import Options
import Optimizers

extension Trainer {
    /// What `optim` says of the model's parameters and the objectives' own.
    ///
    /// - Parameter own: Named by the number of their task.
    static func optimizer(
        _ arguments: TrainingArguments, _ model: Model, own: [NamedParameter], taskNames: [String], warmupSteps: Int
    ) throws -> Optimizer {
        let unclipped = own.named(under: "loss")
        var rates: [String: Double] = [:]
        for (pattern, rate) in arguments.learningRateMapping.entries {
            let expression: Regex<AnyRegexOutput>
            do {
                expression = try Regex(pattern)
            } catch {
                throw TrainingArgumentError("learning_rate_mapping: \"\(pattern)\" is no regular expression: \(error)")
            }
            let named =
                model.namedParameters.map { ($0.name, spellings(ofModel: $0.name)) }
                + zip(unclipped, own).map { ($0.name, spellings(ofLoss: $1.name, taskNames)) }
            let matches = named.filter { $0.1.contains { $0.contains(expression) } }
            guard !matches.isEmpty else {
                let example = named.first?.1.last ?? ""
                throw TrainingArgumentError(
                    "learning_rate_mapping: \"\(pattern)\" is in the name of no parameter; one is called \(example)")
            }
            for (name, _) in matches { rates[name] = rate }
        }
        let rule = try arguments.optim.rule(
            beta1: arguments.adamBeta1, beta2: arguments.adamBeta2, epsilon: arguments.adamEpsilon, warmupSteps: warmupSteps,
            arguments: arguments.optimArgs)
        return Optimizer(
            rule, parameters: model.namedParameters, unclipped: unclipped, weightDecay: arguments.weightDecay, learningRate: { rates[$0] })
    }

    /// A parameter's names: here, and as the field has had them, where the loss holds the model, and a transformer its `auto_model`.
    private static func spellings(ofModel name: String) -> [String] {
        let names = [name, name.replacingOccurrences(of: ".model.", with: ".auto_model.")]
        return names + names.map { "model.\($0)" }
    }

    private static func spellings(ofLoss name: String, _ taskNames: [String]) -> [String] {
        let parts = name.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, let task = Int(parts[0]) else { return [name] }
        return ["loss.\(name)", taskNames[task].isEmpty ? "\(parts[1])" : "\(taskNames[task]).\(parts[1])"]
    }

    /// Says no to an optimizer that leaves out what is to be trained, or changes what is not.
    func checkOptimizer() throws {
        let held = Dictionary(
            optimizer.groups.flatMap(\.parameters).map { (ObjectIdentifier($0.parameter), $0.name) },
            uniquingKeysWith: { first, _ in first })
        func missing(_ parameters: [NamedParameter]) -> NamedParameter? {
            parameters.first { $0.parameter.isTrainable && held[ObjectIdentifier($0.parameter)] == nil }
        }
        if let left = missing(ownParameters) { throw TrainingError.notInOptimizer("the objective's parameter \(left.name)") }
        if let left = missing(model.namedParameters) { throw TrainingError.notInOptimizer("the model's parameter \(left.name)") }
        let known = Set((model.parameters + ownParameters.map(\.parameter)).map(ObjectIdentifier.init))
        if let foreign = held.filter({ !known.contains($0.key) }).values.min() { throw TrainingError.foreignParameter(foreign) }
    }

    /// The learning rate of each group for the next update, and the one that is logged.
    func learningRates() -> (groups: [Double], logged: Double) {
        if let metricSchedule { return (metricSchedule.rates, loggedRate(metricSchedule.rates)) }
        let factor = schedule.factor(state.globalStep)
        return (
            optimizer.groups.map { $0.learningRate(of: arguments.learningRate, times: factor) }, arguments.learningRate * factor
        )
    }

    /// That of the first group without a learning rate of its own.
    private func loggedRate(_ rates: [Double]) -> Double {
        rates[optimizer.groups.firstIndex { $0.learningRate == nil && $0.learningRateFactor == 1 } ?? 0]
    }

    /// Makes a schedule that goes by evaluations ready for the next step, and takes up what it remembered.
    func startMetricSchedule() throws {
        guard metricSchedule != nil else { return }
        metricSchedule!.start(optimizer.groups.map { $0.learningRate(of: arguments.learningRate) })
        guard !run.schedule.isEmpty, !metricSchedule!.restore(run.schedule) else { return }
        throw TrainingError.checkpoint(path: arguments.outputDir, reason: "its schedule is not that of this run")
    }

    /// Moves such a schedule by an evaluation's metrics.
    func stepMetricSchedule(_ metrics: [(key: String, value: Double)]) {
        guard metricSchedule != nil, let value = metrics.first(where: { $0.key == arguments.bestMetricName })?.value else { return }
        metricSchedule!.step(value)
        run.schedule = metricSchedule!.state
    }
}
