import Foundation
import Tapestry

/// A training run as people see it: measured before and after, with a progress bar, interruptible, with a table and a
/// report.
final class TrainingSession {
    private let trainer: Trainer<SentenceTransformer>
    private let interruption = Interruption()
    private let model: SentenceTransformer

    var wasInterrupted: Bool { interruption.wasAsked && trainer.state.wasInterrupted }

    init(
        model: SentenceTransformer, tasks: [TrainingTask<SentenceTransformer>], evalTasks: [TrainingTask<SentenceTransformer>] = [],
        evaluator: (any Evaluator<SentenceTransformer>)?, arguments: TrainingArguments, datasetOrder: (any MultiDatasetOrder)? = nil,
        unit: String
    ) throws {
        self.model = model
        trainer = try Trainer(
            model, tasks: tasks, evalTasks: evalTasks, evaluator: evaluator, arguments: arguments, datasetOrder: datasetOrder)
        trainer.addCallback(LossCurve())
        if let settings = HubPushSettings(arguments) { trainer.addCallback(try PushToHubCallback(settings)) }
        if !arguments.disableTqdm { trainer.addCallback(ProgressCallback(unit: unit)) }
    }

    /// Makes the run go on from its newest checkpoint, if there is one, and says so.
    func resume() throws {
        let path = try trainer.resumeFromNewestCheckpoint()
        Console.writeToStandardError(
            path.map { "Going on from \($0)\n" } ?? "There is no checkpoint in \(trainer.arguments.outputDir): the run begins\n")
    }

    /// Evaluates, trains, saves and evaluates again.
    func run(title: String) throws -> TrainingReport {
        print(Self.table(trainer.samplerReport()))
        let before = try measure()
        interruption.begin()
        defer { interruption.end() }
        trainer.addCallback(interruption)
        let curves = trainer.callbacks.compactMap { $0 as? LossCurve }.first
        let summary = try trainKeepingWhatIsGood()
        try trainer.saveModel(to: trainer.arguments.outputDir)
        interruption.end()
        if trainer.state.wasInterrupted {
            Console.writeToStandardError(
                "\(wasInterrupted ? "Interrupted" : "Stopped early") after step \(trainer.state.globalStep); the model is saved in "
                    + "\(trainer.arguments.outputDir)\n")
        }
        let after = try measure()
        let metrics = before.map { metric in
            TrainingReport.Metric(metric.key, before: metric.value, after: after.first { $0.key == metric.key }?.value)
        }
        if !metrics.isEmpty { print(Self.table(metrics)) }
        if let parts = curves?.components, !parts.isEmpty { print(Self.table(parts)) }
        let seconds = summary.first { $0.key == "train_runtime" }?.value ?? 0
        let rate = summary.first { $0.key == "train_samples_per_second" }?.value ?? 0
        print(
            "Trained \(trainer.state.globalStep) step\(trainer.state.globalStep == 1 ? "" : "s") in \(DurationFormat.text(seconds: seconds)), "
                + "\(NumberFormat.fixed(rate, places: 1)) rows/s, \(trainer.clippedStepCount) with a gradient that was clipped")
        return TrainingReport(
            title: title,
            summary: trainer.tasks.map { "\($0.objective.name) on \($0.dataset.rowCount) rows" }.joined(separator: ", ")
                + ", \(trainer.state.globalStep) steps.",
            metrics: metrics,
            lossCurve: curves?.losses ?? [],
            componentCurves: curves?.components ?? [],
            learningRateCurve: curves?.learningRates ?? [],
            evaluationCurves: evaluationCurves,
            facts: [
                ("duration", DurationFormat.text(seconds: seconds)), ("rows per second", NumberFormat.fixed(rate, places: 1)),
                ("steps", "\(trainer.state.globalStep)"), ("seed", "\(trainer.arguments.seed)"),
                ("threads", "\(Parallel.threadCount)"),
            ],
            model: model.allModules.map { ($0.className, $0.summary) }
                + [("parameters", NumberFormat.grouped(model.parameterCount))],
            arguments: trainer.tasks.flatMap(\.objective.configuration) + trainer.arguments.keysAndValues)
    }

    /// Trains; where that breaks off without a checkpoint, the model as it was before goes to the output folder.
    private func trainKeepingWhatIsGood() throws -> [(key: String, value: Double)] {
        do {
            return try trainer.train()
        } catch let error as TrainingError {
            guard case .notFinite(_, _, _, _, _, keptModel: nil) = error else { throw error }
            try trainer.saveModel(to: trainer.arguments.outputDir)
            Console.writeToStandardError(
                "The model as it was before step \(trainer.state.globalStep + 1) is in "
                    + "\(trainer.arguments.outputDir)\n")
            throw error
        }
    }

    private func measure() throws -> [(key: String, value: Double)] {
        // The score that sums up several evaluators repeats one of them.
        try trainer.evaluator.map { try $0(model).metrics.filter { $0.key != "sequential_score" } } ?? []
    }

    private var evaluationCurves: [TrainingReport.Curve] {
        let keys = trainer.state.logHistory.flatMap(\.values).map(\.key)
            .filter { $0.hasPrefix("eval_") && !["_runtime", "_per_second", "sequential_score"].contains(where: $0.hasSuffix) }
        var seen = Set<String>()
        return keys.filter { seen.insert($0).inserted }.map { key in
            TrainingReport.Curve(key, points: trainer.state.curve(key).map { .init(step: $0.step, value: $0.value) })
        }
    }

    private static func table(_ report: SamplerReport) -> TextTable {
        var table = TextTable("dataset", "rows", "used", "duplicates", "batches", "without gradient")
        for part in report.parts {
            table.addRow(
                part.name.isEmpty ? "train" : part.name, NumberFormat.grouped(part.rowCount),
                NumberFormat.fixed(100 * Double(part.usedRowCount) / Double(max(1, part.rowCount)), places: 1) + " %",
                NumberFormat.grouped(part.duplicateRowCount), NumberFormat.grouped(part.batchCount),
                NumberFormat.grouped(part.batchesWithoutGradient))
        }
        return table
    }

    private static func table(_ metrics: [TrainingReport.Metric]) -> TextTable {
        var table = TextTable("metric", "before", "after", "change")
        for metric in metrics {
            let change = (metric.after ?? .nan) - (metric.before ?? .nan)
            table.addRow(
                metric.name, NumberFormat.fixed(metric.before ?? .nan), NumberFormat.fixed(metric.after ?? .nan),
                (change >= 0 ? "+" : "") + NumberFormat.fixed(change))
        }
        return table
    }

    /// The loss's parts, as they were and as they became.
    private static func table(_ parts: [TrainingReport.Curve]) -> TextTable {
        var table = TextTable("part of the loss", "first steps", "last steps")
        for part in parts {
            let count = max(1, part.points.count / 10)
            func mean(_ points: ArraySlice<TrainingReport.Point>) -> Double {
                points.reduce(0) { $0 + $1.value } / Double(points.count)
            }
            table.addRow(
                part.name, NumberFormat.general(mean(part.points.prefix(count))),
                NumberFormat.general(mean(part.points.suffix(count))))
        }
        return table
    }
}

/// Remembers loss and learning rate of every step, and the loss's parts.
private final class LossCurve: TrainerCallback {
    private(set) var losses: [TrainingReport.Point] = []
    private(set) var components: [TrainingReport.Curve] = []
    private(set) var learningRates: [TrainingReport.Point] = []

    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        let step = context.state.globalStep
        losses.append(.init(step: step, value: context.lastLoss))
        learningRates.append(.init(step: step, value: context.lastLearningRate))
        for (name, value) in context.lastComponents {
            let point = TrainingReport.Point(step: step, value: value)
            if let position = components.firstIndex(where: { $0.name == name }) {
                components[position].points.append(point)
            } else {
                components.append(.init(name, points: [point]))
            }
        }
    }
}
