import JSON
import Options

/// The schedules by the names of `lr_scheduler_type`.
public enum SchedulerType: String, Sendable, CaseIterable, Codable {
    /// Up over the warm-up, then straight down to zero.
    case linear
    /// Up over the warm-up, then down along half a cosine.
    case cosine
    /// The same, `num_cycles` times.
    case cosineWithRestarts = "cosine_with_restarts"
    /// Up over the warm-up, then down to `lr_end` along a power.
    case polynomial
    /// The same throughout.
    case constant
    /// Up over the warm-up, then the same.
    case constantWithWarmup = "constant_with_warmup"
    /// Up over the warm-up, then down with the root of the steps.
    case inverseSquareRoot = "inverse_sqrt"
    /// As `cosine`, down to `min_lr` or `min_lr_rate`.
    case cosineWithMinLR = "cosine_with_min_lr"
    /// The same, whose warm-up begins above zero.
    case cosineWarmupWithMinLR = "cosine_warmup_with_min_lr"
    /// Up, then the same, then down over `num_decay_steps`.
    case warmupStableDecay = "warmup_stable_decay"
    /// Down whenever evaluations bring nothing better.
    case reduceOnPlateau = "reduce_lr_on_plateau"
    /// Up while evaluations bring something better, down while they do not.
    case greedy

    /// Whether evaluations move the rate, by a ``MetricSchedule``.
    public var isMetricDriven: Bool { self == .reduceOnPlateau || self == .greedy }

    /// The options that the schedule takes, with their defaults.
    public var optionSummaries: [OptionSummary] {
        if let schedule = MetricSchedule(self) { return schedule.optionSummaries }
        return ScheduleOptions().optionSummaries.filter { keys.contains($0.key) }
    }

    /// The schedule of a run of so many updates; of those that evaluations move, the rate at the start.
    ///
    /// - Parameters:
    ///   - warmupSteps: Updates over which the rate rises.
    ///   - totalSteps: Updates of the run.
    ///   - learningRate: The base rate, for options that are rates.
    ///   - options: What `lr_scheduler_kwargs` says.
    /// - Throws: `OptionError` for an option that the schedule does not take, or that cannot be.
    public func schedule(
        warmupSteps: Int, totalSteps: Int, learningRate: Double = 1, options: JSONObject = [:]
    ) throws(OptionError) -> LearningRateSchedule {
        let name = "lr_scheduler_kwargs of \(rawValue)"
        guard !isMetricDriven else {
            _ = try metricSchedule(options: options)
            return .constant
        }
        try OptionError.check(options.keys, among: keys, of: name)
        var o = ScheduleOptions()
        try o.setOptions(options, of: name)
        func lowest() throws(OptionError) -> Double {
            switch (o.minimum, o.minimumShare) {
            case (let rate?, nil): return rate / learningRate
            case (nil, let share?): return share
            default: throw OptionError("\(name): exactly one of min_lr and min_lr_rate has to be given")
            }
        }
        switch self {
        case .linear: return .linear(warmupSteps: warmupSteps, totalSteps: totalSteps)
        case .cosine: return .cosine(warmupSteps: warmupSteps, totalSteps: totalSteps, cycles: o.cycles ?? 0.5)
        case .cosineWithRestarts:
            let cycles = o.cycles ?? 1
            guard let whole = Int(exactly: cycles), whole >= 1 else {
                throw OptionError("num_cycles", of: name, mustBe: "a whole number, 1 or more", not: cycles.json)
            }
            return .cosineWithRestarts(warmupSteps: warmupSteps, totalSteps: totalSteps, cycles: whole)
        case .polynomial:
            guard o.end < learningRate else {
                throw OptionError("lr_end", of: name, mustBe: "smaller than the learning rate \(learningRate)", not: o.end.json)
            }
            return .polynomial(warmupSteps: warmupSteps, totalSteps: totalSteps, power: o.power, lowest: o.end / learningRate)
        case .constant, .reduceOnPlateau, .greedy: return .constant
        case .constantWithWarmup: return .constantWithWarmup(warmupSteps: warmupSteps)
        case .inverseSquareRoot: return .inverseSquareRoot(warmupSteps: warmupSteps, timescale: o.timescale)
        case .cosineWithMinLR:
            return .cosine(warmupSteps: warmupSteps, totalSteps: totalSteps, cycles: o.cycles ?? 0.5, lowest: try lowest())
        case .cosineWarmupWithMinLR:
            return .cosineFromFirstStep(
                warmupSteps: warmupSteps, totalSteps: totalSteps, start: o.warmupStart, cycles: o.cycles ?? 0.5, lowest: try lowest())
        case .warmupStableDecay:
            guard let decay = o.decaySteps else { throw OptionError("\(name): num_decay_steps has to be given") }
            return .warmupStableDecay(
                warmupSteps: warmupSteps, stableSteps: o.stableSteps ?? max(0, totalSteps - warmupSteps - decay), decaySteps: decay,
                rise: o.rise, fall: o.fall, lowest: o.minimumRatio, cycles: o.cycles ?? 0.5)
        }
    }

    /// What evaluations move the rate by; nil for all other schedules.
    ///
    /// - Parameter options: What `lr_scheduler_kwargs` says.
    /// - Throws: `OptionError` as `schedule` does.
    public func metricSchedule(options: JSONObject = [:]) throws(OptionError) -> MetricSchedule? {
        guard var schedule = MetricSchedule(self) else { return nil }
        try schedule.setOptions(options, of: "lr_scheduler_kwargs of \(rawValue)")
        return schedule
    }

    private var keys: [String] {
        switch self {
        case .linear, .constant, .constantWithWarmup: []
        case .cosine, .cosineWithRestarts: ["num_cycles"]
        case .polynomial: ["lr_end", "power"]
        case .inverseSquareRoot: ["timescale"]
        case .cosineWithMinLR: ["num_cycles", "min_lr", "min_lr_rate"]
        case .cosineWarmupWithMinLR: ["num_cycles", "min_lr", "min_lr_rate", "warmup_lr_rate"]
        case .warmupStableDecay: ["num_decay_steps", "num_stable_steps", "warmup_type", "decay_type", "min_lr_ratio", "num_cycles"]
        case .reduceOnPlateau, .greedy: MetricSchedule(self)?.options.map(\.key) ?? []
        }
    }
}

/// The options of all schedules that are functions of the step.
private struct ScheduleOptions: Configurable {
    var cycles: Double?
    var (end, power) = (1e-7, 1.0)
    var timescale: Int?
    var minimum: Double?
    var minimumShare: Double?
    var warmupStart: Double?
    var decaySteps: Int?
    var stableSteps: Int?
    var (rise, fall) = (LearningRateSchedule.Shape.linear, LearningRateSchedule.Shape.cosine)
    var minimumRatio = 0.0

    var options: [OptionRow<Self>] {
        let share = Bound<Double>("between 0 and 1") { (0...1).contains($0) }
        return [
            .init("num_cycles", \.cycles, "waves; none: half of one, of restarts one", .atLeast(0)),
            .init("lr_end", \.end, "the last rate", .atLeast(0)), .init("power", \.power, "of what is left", .moreThan(0)),
            .init("timescale", \.timescale, "none: the warm-up steps, or 10000", .atLeast(1)),
            .init("min_lr", \.minimum, "the last rate", .atLeast(0)), .init("min_lr_rate", \.minimumShare, "the last factor", share),
            .init("warmup_lr_rate", \.warmupStart, "the first factor; none: 1 by the warm-up steps", share),
            .init("num_decay_steps", \.decaySteps, "updates over which the rate falls", .atLeast(0)),
            .init("num_stable_steps", \.stableSteps, "updates before; none: what is left", .atLeast(0)),
            .init("warmup_type", \.rise, "how the rate rises"), .init("decay_type", \.fall, "how it falls"),
            .init("min_lr_ratio", \.minimumRatio, "the factor at both ends", share),
        ]
    }
}

extension LearningRateSchedule.Shape: OptionChoice {}
extension SchedulerType: OptionChoice {}
