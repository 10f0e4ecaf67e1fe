import JSON
import Options

/// Learning rates that evaluations move: `reduce_lr_on_plateau`, and `greedy` (arXiv:2512.14527), which also raises them.
///
/// Rates are told apart by group; all that the schedule remembers is in ``state``.
public struct MetricSchedule: Configurable, Sendable {
    /// Whether smaller or larger figures are better.
    public enum Mode: String, CaseIterable, OptionChoice {
        /// Smaller, or larger.
        case min, max
    }

    /// What the threshold is of.
    public enum ThresholdMode: String, CaseIterable, OptionChoice {
        /// A share of the best figure.
        case relative = "rel"
        /// A difference to it.
        case absolute = "abs"
    }

    /// Whether the rate also rises.
    public let isGreedy: Bool
    /// Whether smaller or larger figures are better.
    public var mode = Mode.min
    /// What a rate is multiplied by, or divided where it rises.
    public var factor: Double
    /// Evaluations without improvement, or with it, that change nothing.
    public var patience = 10
    /// By how much a figure has to be better.
    public var threshold: Double
    /// What the threshold is of.
    public var thresholdMode: ThresholdMode
    /// Evaluations after a fall that change nothing; after a rise.
    public var (cooldown, warmup) = (0, 0)
    /// Bounds of the rates.
    public var (minimum, maximum): (Double, Double)
    /// The least change.
    public var epsilon = 1e-8
    /// Whether a mean over the last figures takes their place, and over how many.
    public var (smooths, window) = (false, 50)
    /// Falls at the lowest rate after which all begins anew.
    public var resetStart = 500

    // What it remembers.
    private var initial: [Double] = []
    private var best: Double?
    private var (bad, good, cooling, warming, untilReset) = (0, 0, 0, 0, 0)
    private var figures: [Double] = []
    /// The rate of each group; empty before `start(_:)`.
    public private(set) var rates: [Double] = []

    /// With its defaults; nil for schedules of another kind.
    init?(_ type: SchedulerType) {
        guard type.isMetricDriven else { return nil }
        isGreedy = type == .greedy
        (factor, threshold, thresholdMode) = isGreedy ? (0.95, 1e-6, .absolute) : (0.1, 1e-4, .relative)
        (minimum, maximum) = isGreedy ? (1e-3, 1) : (0, .infinity)
    }

    public var options: [OptionRow<MetricSchedule>] {
        let common: [OptionRow<MetricSchedule>] = [
            .init("mode", \.mode, "min: smaller figures are better"),
            .init("factor", \.factor, "of a rate that falls", Bound("more than 0 and below 1") { $0 > 0 && $0 < 1 }),
            .init("patience", \.patience, "evaluations that change nothing", .atLeast(0)),
            .init("threshold", \.threshold, "by how much a figure has to be better", .atLeast(0)),
            .init("threshold_mode", \.thresholdMode, "a share of the best, or a difference to it"),
            .init("cooldown", \.cooldown, "evaluations after a fall that change nothing", .atLeast(0)),
            .init("min_lr", \.minimum, "lower bound", .atLeast(0)), .init("eps", \.epsilon, "the least change", .atLeast(0)),
        ]
        guard isGreedy else { return common }
        return common + [
            .init("warmup", \.warmup, "evaluations after a rise that change nothing", .atLeast(0)),
            .init("max_lr", \.maximum, "upper bound", .moreThan(0)),
            .init("smooth", \.smooths, "takes the mean of the last figures"), .init("window_size", \.window, "how many", .atLeast(1)),
            .init("reset_start", \.resetStart, "falls at the lowest rate after which all begins anew", .atLeast(1)),
        ]
    }

    /// Begins with the rate of each group.
    public mutating func start(_ rates: [Double]) {
        (initial, self.rates) = (rates, rates)
        (best, bad, good, cooling, warming, untilReset, figures) = (nil, 0, 0, 0, 0, resetStart, [])
    }

    /// Takes the figure of an evaluation, and moves the rates.
    public mutating func step(_ figure: Double) {
        if isGreedy { stepGreedily(figure) } else { stepDown(figure) }
    }

    private mutating func stepDown(_ figure: Double) {
        if isBetter(figure) { (best, bad) = (figure, 0) } else { bad += 1 }
        if cooling > 0 { (cooling, bad) = (cooling - 1, 0) }
        guard bad > patience else { return }
        fall()
        (cooling, bad) = (cooldown, 0)
    }

    private mutating func stepGreedily(_ figure: Double) {
        var figure = figure
        if smooths {
            figures = (figures + [figure]).suffix(window)
            figure = figures.reduce(0, +) / Double(figures.count)
        }
        if cooling > 0 {
            (cooling, bad, good) = (cooling - 1, 0, 0)
        } else if warming > 0 {
            (warming, bad, good) = (warming - 1, 0, 0)
        } else {
            if isBetter(figure) { (best, bad, good) = (figure, 0, good + 1) } else { (bad, good) = (bad + 1, 0) }
            if good > patience {
                rates = rates.map { [self] in Swift.min($0 / factor, maximum) - $0 > epsilon ? Swift.min($0 / factor, maximum) : $0 }
                (warming, good, untilReset) = (warmup, 0, resetStart)
            } else if bad > patience {
                fall()
                if rates.allSatisfy({ $0 <= minimum }) { untilReset -= 1 }
                if untilReset <= 0 { start(initial) }
                (cooling, bad) = (cooldown, 0)
            }
        }
    }

    private func isBetter(_ figure: Double) -> Bool {
        guard let best else { return mode == .min ? figure < .infinity : figure > -.infinity }
        let sign: Double = mode == .min ? -1 : 1
        let limit = thresholdMode == .relative ? best * (1 + sign * threshold) : best + sign * threshold
        return mode == .min ? figure < limit : figure > limit
    }

    private mutating func fall() {
        rates = rates.map { [self] in $0 - Swift.max($0 * factor, minimum) > epsilon ? Swift.max($0 * factor, minimum) : $0 }
    }

    // MARK: State

    /// What it remembers, as JSON.
    public var state: JSONObject {
        [
            "initial": initial.json, "rates": rates.json, "best": best.json, "bad": bad.json, "good": good.json, "cooling": cooling.json,
            "warming": warming.json, "until_reset": untilReset.json, "figures": figures.json,
        ]
    }

    /// Takes up what `state` was.
    ///
    /// - Returns: False for what is no such state, or one of another number of groups.
    public mutating func restore(_ state: JSONObject) -> Bool {
        func list(_ key: String) -> [Double]? { [Double](json: state[key] ?? .null) }
        func count(_ key: String) -> Int? { Int(json: state[key] ?? .null) }
        guard let initial = list("initial"), let rates = list("rates"), let figures = list("figures"), let bad = count("bad"),
            let good = count("good"), let cooling = count("cooling"), let warming = count("warming"), let reset = count("until_reset"),
            let best = Double?(json: state["best"] ?? .null), rates.count == self.rates.count
        else { return false }
        (self.initial, self.rates, self.figures, self.best) = (initial, rates, figures, best)
        (self.bad, self.good, self.cooling, self.warming, untilReset) = (bad, good, cooling, warming, reset)
        return true
    }
}
