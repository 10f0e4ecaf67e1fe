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
    ///   - cycles: Waves of the cosine; a half comes down to zero at the last step.
    public static func cosine(warmupSteps: Int, totalSteps: Int, cycles: Double = 0.5) -> LearningRateSchedule {
        warmingUp(warmupSteps) { step in
            let progress = Double(step - warmupSteps) / Double(max(1, totalSteps - warmupSteps))
            return max(0, 0.5 * (1 + cos(2 * .pi * cycles * progress)))
        }
    }

    private static func warmingUp(
        _ warmupSteps: Int, then factor: @escaping @Sendable (Int) -> Double
    ) -> LearningRateSchedule {
        LearningRateSchedule { step in
            step < warmupSteps ? Double(step) / Double(max(1, warmupSteps)) : factor(step)
        }
    }
}

/// The schedules by the names of `lr_scheduler_type`.
public enum SchedulerType: String, Sendable, CaseIterable, Codable {
    /// Up over the warm-up, then straight down to zero.
    case linear
    /// Up over the warm-up, then down along half a cosine.
    case cosine
    /// The same throughout.
    case constant
    /// Up over the warm-up, then the same.
    case constantWithWarmup = "constant_with_warmup"

    /// The schedule of a run of so many updates.
    public func schedule(warmupSteps: Int, totalSteps: Int) -> LearningRateSchedule {
        switch self {
        case .linear: .linear(warmupSteps: warmupSteps, totalSteps: totalSteps)
        case .cosine: .cosine(warmupSteps: warmupSteps, totalSteps: totalSteps)
        case .constant: .constant
        case .constantWithWarmup: .constantWithWarmup(warmupSteps: warmupSteps)
        }
    }
}
