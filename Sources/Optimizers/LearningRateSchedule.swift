import Foundation

/// A learning rate as a function of the number of updates done: the base rate times a factor.
public struct LearningRateSchedule: Sendable {
    /// The factor of update number `step`, counted from zero.
    public let factor: @Sendable (_ step: Int) -> Double

    /// A schedule of your own.
    public init(_ factor: @escaping @Sendable (_ step: Int) -> Double) { self.factor = factor }

    /// One, always.
    public static let constant = LearningRateSchedule { _ in 1 }

    /// Up from zero over the warm-up steps, then one.
    public static func constantWithWarmup(warmupSteps: Int) -> LearningRateSchedule {
        warmingUp(warmupSteps) { _ in 1 }
    }

    /// Up from zero over the warm-up steps, then straight down to zero at the last.
    public static func linear(warmupSteps: Int, totalSteps: Int) -> LearningRateSchedule {
        warmingUp(warmupSteps) { step in
            max(0, Double(totalSteps - step) / Double(max(1, totalSteps - warmupSteps)))
        }
    }

    /// Up from zero over the warm-up steps, then down along a cosine.
    ///
    /// - Parameters:
    ///   - warmupSteps: Updates over which the rate rises.
    ///   - totalSteps: Updates of the run.
    ///   - cycles: Waves of the cosine; a half comes down to the lowest at the last step.
    ///   - lowest: The factor at which the cosine ends.
    public static func cosine(warmupSteps: Int, totalSteps: Int, cycles: Double = 0.5, lowest: Double = 0) -> LearningRateSchedule {
        warmingUp(warmupSteps) { step in
            max(0, wave(progress(step, warmupSteps, totalSteps), cycles) * (1 - lowest) + lowest)
        }
    }

    /// Up to one over the warm-up steps, from their first update on, then down along a cosine, one step ahead of `cosine`.
    ///
    /// - Parameters:
    ///   - warmupSteps: Updates over which the rate rises.
    ///   - totalSteps: Updates of the run.
    ///   - start: The factor of the first update; nil: one by the number of warm-up steps.
    ///   - cycles: Waves of the cosine.
    ///   - lowest: The factor at which the cosine ends.
    public static func cosineFromFirstStep(
        warmupSteps: Int, totalSteps: Int, start: Double? = nil, cycles: Double = 0.5, lowest: Double = 0
    ) -> LearningRateSchedule {
        LearningRateSchedule { step in
            if step < warmupSteps {
                guard let start else { return Double(step + 1) / Double(max(1, warmupSteps)) }
                return start + (1 - start) * Double(step) / Double(max(1, warmupSteps - 1))
            }
            return max(0, wave(progress(step + 1, warmupSteps, totalSteps), cycles) * (1 - lowest) + lowest)
        }
    }

    /// Up from zero over the warm-up steps, then down along half a cosine to zero, `cycles` times.
    public static func cosineWithRestarts(warmupSteps: Int, totalSteps: Int, cycles: Int = 1) -> LearningRateSchedule {
        warmingUp(warmupSteps) { step in
            let progress = progress(step, warmupSteps, totalSteps)
            return progress >= 1 ? 0 : max(0, wave((Double(cycles) * progress).truncatingRemainder(dividingBy: 1), 0.5))
        }
    }

    /// Up from zero over the warm-up steps, then down to `lowest` along a power of what is left.
    public static func polynomial(
        warmupSteps: Int, totalSteps: Int, power: Double = 1, lowest: Double
    ) -> LearningRateSchedule {
        warmingUp(warmupSteps) { step in
            guard step <= totalSteps else { return lowest }
            let left = 1 - Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
            return (1 - lowest) * pow(left, power) + lowest
        }
    }

    /// Up from zero over the warm-up steps, then down with the root of the steps.
    ///
    /// - Parameters:
    ///   - warmupSteps: Updates over which the rate rises.
    ///   - timescale: Updates after which the rate has fallen to 1 / √2; nil: the warm-up steps, or 10,000.
    public static func inverseSquareRoot(warmupSteps: Int, timescale: Int? = nil) -> LearningRateSchedule {
        let scale = timescale ?? (warmupSteps > 0 ? warmupSteps : 10_000)
        return warmingUp(warmupSteps) { step in 1 / (Double(step + scale - warmupSteps) / Double(scale)).squareRoot() }
    }

    /// The shape of a rise or a fall.
    public enum Shape: String, CaseIterable, Sendable {
        /// Straight.
        case linear
        /// Along a cosine.
        case cosine
        /// One less the root of what is left.
        case oneMinusRoot = "1-sqrt"
    }

    /// Up, then one, then down to `lowest`, where it stays.
    ///
    /// - Parameters:
    ///   - warmupSteps: Updates over which the rate rises.
    ///   - stableSteps: Updates in between.
    ///   - decaySteps: Updates over which it falls.
    ///   - rise: How it rises.
    ///   - fall: How it falls.
    ///   - lowest: The factor at both ends.
    ///   - cycles: Waves of a fall along a cosine.
    public static func warmupStableDecay(
        warmupSteps: Int, stableSteps: Int, decaySteps: Int, rise: Shape = .linear, fall: Shape = .cosine, lowest: Double = 0,
        cycles: Double = 0.5
    ) -> LearningRateSchedule {
        LearningRateSchedule { step in
            if step < warmupSteps {
                let share = Double(step) / Double(max(1, warmupSteps))
                let factor =
                    switch rise {
                    case .linear: share
                    case .cosine: 0.5 * (1 - cos(.pi * share))
                    case .oneMinusRoot: 1 - (1 - share).squareRoot()
                    }
                return max(0, factor * (1 - lowest) + lowest)
            }
            if step < warmupSteps + stableSteps { return 1 }
            guard step < warmupSteps + stableSteps + decaySteps else { return lowest }
            let share = Double(step - warmupSteps - stableSteps) / Double(max(1, decaySteps))
            let factor =
                switch fall {
                case .linear: 1 - share
                case .cosine: wave(share, cycles)
                case .oneMinusRoot: 1 - share.squareRoot()
                }
            return max(0, factor * (1 - lowest) + lowest)
        }
    }

    private static func progress(_ step: Int, _ warmupSteps: Int, _ totalSteps: Int) -> Double {
        Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
    }

    private static func wave(_ progress: Double, _ cycles: Double) -> Double { 0.5 * (1 + cos(2 * .pi * cycles * progress)) }

    private static func warmingUp(
        _ warmupSteps: Int, then factor: @escaping @Sendable (Int) -> Double
    ) -> LearningRateSchedule {
        LearningRateSchedule { step in
            step < warmupSteps ? Double(step) / Double(max(1, warmupSteps)) : factor(step)
        }
    }
}
