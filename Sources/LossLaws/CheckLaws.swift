import Autodiff
import Losses
import Requirements
import SentenceEmbeddings
import SentenceTraining
import Training

/// Holds a loss to the laws that every loss has to keep, and to those that it promises (`Loss.laws`).
///
/// Columns, labels and texts are drawn to fit the loss's `inputs`; then the loss is trained on a small BERT with dropout,
/// whole and cached. What a loss is excused from on purpose it says itself (`Loss.lawExceptions`).
///
/// ```swift
/// let report = checkLaws(of: MyLoss())
/// #expect(report.passed, "\(report)")
/// ```
///
/// - Parameters:
///   - loss: A loss, which says what it takes, promises and is excused from.
///   - width: Of the embeddings; that of the loss's own parameters, if it has any.
///   - seed: Of all that is drawn.
/// - Returns: What holds, and what does not: the law, the tensor, the row, both figures.
public func checkLaws(of loss: any Loss, width: Int = 8, seed: UInt64 = 1) -> LawReport {
    checkLaws(of: loss, width: width, seed: seed) { checkLaws(of: $0, width: width, seed: seed) }
}

/// Holds a loss to its laws, trained on a model of one's own in place of the small BERT.
///
/// That shows whether the modules of the model draw their dropout by sample, keep rows apart, and are differentiated
/// rightly.
///
/// - Parameters:
///   - loss: A loss, which says what it takes, promises and is excused from.
///   - model: Is copied; the copy computes in float64. A small one, with dropout: every parameter is varied.
///   - seed: Of all that is drawn.
public func checkLaws(of loss: any Loss, model: SentenceTransformer, seed: UInt64 = 1) -> LawReport {
    checkLaws(of: loss, width: model.embeddingDimension, seed: seed) { checkLaws(of: $0, model: model, seed: seed) }
}

private func checkLaws(
    of loss: any Loss, width: Int, seed: UInt64, training: (any SentenceObjective) -> LawReport
) -> LawReport {
    report(on: loss.name) {
        var checker = try LossChecker(loss, width: width, key: RandomKey(seed))
        checker.run()
        var report = checker.report
        if report.passed { report.merge(training(Cached(loss, miniBatchSize: 2))) }
        return report
    }
}

/// Holds an objective to its laws, on a small BERT with dropout and texts that fit the objective's `inputs`.
///
/// - Parameters:
///   - objective: An objective over sentence encoders.
///   - width: Of the embeddings.
///   - seed: Of all that is drawn.
public func checkLaws(of objective: any SentenceObjective, width: Int = 8, seed: UInt64 = 1) -> LawReport {
    report(on: objective.name) {
        var checker = try ObjectiveChecker(objective, width: width, key: RandomKey(seed))
        try checker.run()
        return checker.report
    }
}

/// Holds an objective to its laws, on a model of one's own in place of the small BERT.
///
/// - Parameters:
///   - objective: An objective over sentence encoders.
///   - model: Is copied; the copy computes in float64. A small one, with dropout: every parameter is varied.
///   - seed: Of all that is drawn.
public func checkLaws(of objective: any SentenceObjective, model: SentenceTransformer, seed: UInt64 = 1) -> LawReport {
    report(on: objective.name) {
        var checker = try ObjectiveChecker(objective, model: model, key: RandomKey(seed))
        try checker.run()
        return checker.report
    }
}

/// The report, or one that says what was thrown.
private func report(on subject: String, _ body: () throws -> LawReport) -> LawReport {
    do {
        return try body()
    } catch {
        var report = LawReport(subject)
        report.expect(false, .inputs, "a batch that fits `inputs`", subject, remark: "says: \(error)")
        return report
    }
}

/// Compares a loss's gradients, and their gradients, with central differences in float64.
///
/// Columns and labels are drawn to fit the loss's `inputs`; own parameters are varied together with the columns.
///
/// ```swift
/// #expect(gradientCheck(MyLoss()).passed)
/// ```
///
/// - Parameters:
///   - loss: A loss, which says what it takes.
///   - orders: 1 for gradients, 2 for gradients of gradients.
///   - tolerance: 1e-6 for the first order and 1e-4 for the second when left out.
///   - width: Of the embeddings.
///   - seed: Of all that is drawn.
/// - Returns: The report of the first order that fails, or else of the last.
public func gradientCheck(
    _ loss: any Loss, orders: [Int] = [1, 2], tolerance: Double? = nil, width: Int = 8, seed: UInt64 = 1
) -> GradientCheckReport {
    require(!orders.isEmpty, "gradientCheck: needs an order, 1 or 2")
    let checker: LossChecker
    do {
        checker = try LossChecker(loss, width: width, key: RandomKey(seed))
    } catch {
        refuse("gradientCheck: \(error)")
    }
    var report: GradientCheckReport
    var remaining = orders[...]
    repeat {
        report = checker.gradientCheck(order: remaining.removeFirst(), tolerance: tolerance)
    } while report.passed && !remaining.isEmpty
    return report
}
