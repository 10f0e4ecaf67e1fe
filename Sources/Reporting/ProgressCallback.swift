import Training

/// Shows a progress bar with step, loss, learning rate, pairs/s and the time left, and evaluations as they come.
public final class ProgressCallback: TrainerCallback {
    private let console: Console
    private let unit: String
    private var bar: ProgressBar?

    /// - Parameters:
    ///   - unit: What a row of the dataset is: pairs, triplets.
    ///   - console: Where it draws.
    public init(unit: String = "pairs", console: Console = .standardError) {
        self.unit = unit
        self.console = console
    }

    public func onTrainBegin(_ context: TrainerContext, _ control: inout TrainerControl) {
        bar = ProgressBar("Training", total: context.rowsInTotal, unit: unit, console: console)
    }

    public func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        bar?.update(
            completed: context.rowsSeen,
            fields: [
                "step": "\(context.state.globalStep)/\(context.state.maxSteps)",
                "loss": NumberFormat.fixed(context.lastLoss, places: 4),
                "lr": NumberFormat.scientific(context.lastLearningRate),
            ])
    }

    public func onLog(_ context: TrainerContext, _ control: inout TrainerControl, _ logs: [(key: String, value: Double)]) {
        guard let loss = logs.first(where: { $0.key == "loss" })?.value, let geometry = context.geometry else { return }
        let figures = [("alignment", geometry.alignment), ("uniformity", geometry.uniformity), ("effective rank", geometry.effectiveRank)]
        let shown = figures.compactMap { name, value in value.map { "\(name) \(NumberFormat.fixed($0, places: 2))" } }
        let line = "step \(context.state.globalStep): loss \(NumberFormat.fixed(loss, places: 4)), " + shown.joined(separator: ", ")
        bar?.interrupt { Console.writeToStandardError("\(line) of \(geometry.dimension)\n") }
    }

    public func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]) {
        let shown = metrics.filter { !$0.key.hasSuffix("_runtime") && !$0.key.hasSuffix("_per_second") && $0.key != "epoch" }
            .map { "\($0.key) \(NumberFormat.fixed($0.value, places: 4))" }
        bar?.interrupt { Console.writeToStandardError("step \(context.state.globalStep): " + shown.joined(separator: ", ") + "\n") }
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        bar?.finish()
        bar = nil
    }
}
