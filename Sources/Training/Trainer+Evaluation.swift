import Foundation
import Losses
import Sampling

extension Trainer {
    /// The loss on the evaluation dataset and the evaluator's metrics, all called `eval_…`.
    public func evaluate() throws -> [(key: String, value: Double)] {
        var control = TrainerControl()
        return try evaluate(&control)
    }

    func evaluate(_ control: inout TrainerControl) throws -> [(key: String, value: Double)] {
        try optimizer.withEvaluationWeights { try measured(&control) }
    }

    private func measured(_ control: inout TrainerControl) throws -> [(key: String, value: Double)] {
        let model = model.evaluated()
        var metrics: [(key: String, value: Double)] = []
        let start = ContinuousClock.now
        var rows = 0, steps = 0
        for ((task, sampler), inputs) in zip(zip(evalTasks, evalSamplers), evalInputs) {
            let batches = sampler.batches(epoch: 0).map { MultiDatasetBatchSampler.Batch(dataset: 0, rows: $0) }
            let loader = BatchLoader([task.dataset], inputs: [inputs], batches: batches, model: model)
            var means = RunningMeans()
            for index in batches.indices {
                let value = task.objective.value(model, try loader.batch(index))
                let count = batches[index].rows.count
                means.add([("loss", value.total.item)] + value.namedComponents, weight: Double(count))
                rows += count
                notify(&control) { $0.onPredictionStep($1, &$2) }
            }
            steps += batches.count
            let prefix = task.name.isEmpty ? "eval_" : "eval_\(task.name)_"
            metrics += means.take().map { (prefix + $0.key, $0.value) }
        }
        if let evaluator {
            var result = try evaluator(
                model, outputPath: URL(fileURLWithPath: arguments.outputDir).appendingPathComponent("eval"),
                epoch: state.epoch, steps: state.globalStep)
            if result.parts.isEmpty {
                result.parts = [
                    .init(
                        evaluator: String(describing: type(of: evaluator)), name: evaluator.name, metrics: result.metrics,
                        primaryMetric: result.primaryMetric)
                ]
            }
            lastEvaluation = result
            metrics += result.metrics.map { (TrainingArguments.evalKey($0.key), $0.value) }
        }
        let seconds = (ContinuousClock.now - start).seconds
        metrics.append(("eval_runtime", seconds.rounded(places: 4)))
        if rows > 0 {
            metrics.append(("eval_samples_per_second", (Double(rows) / seconds).rounded(places: 3)))
            metrics.append(("eval_steps_per_second", (Double(steps) / seconds).rounded(places: 3)))
        }
        metrics.append(("epoch", state.epoch))
        return metrics
    }

    /// Says no to a metric that no evaluation will give, as far as evaluators tell theirs beforehand.
    func checkBestMetric() throws {
        guard arguments.evalStrategy != .no, let name = arguments.bestMetricName else { return }
        var available: [String] = []
        if let evaluator {
            guard let names = evaluator.metricNames(for: model) else { return }
            available += names.map(TrainingArguments.evalKey)
        }
        for (task, sampler) in zip(evalTasks, evalSamplers) {
            // Which parts a loss has is known when it is computed.
            let batch = try model.batch(task.dataset, rows: sampler.batches(epoch: 0)[0])
            let parts = task.objective.value(model, batch).namedComponents.map(\.name)
            available += (["loss"] + parts).map { TrainingArguments.evalKey(task.name.isEmpty ? $0 : "\(task.name)_\($0)") }
        }
        guard available.contains(name) else { throw TrainingError.unknownMetric(name, available: available) }
    }

    /// Whether these are the best metrics so far; a value that is not finite never is.
    func noteBest(_ metrics: [(key: String, value: Double)]) throws -> Bool {
        guard let name = arguments.bestMetricName else { return false }
        guard let value = metrics.first(where: { $0.key == name })?.value else {
            throw TrainingError.unknownMetric(name, available: metrics.map(\.key))
        }
        guard value.isFinite, state.bestMetric.map({ arguments.isGreaterBetter ? value > $0 : value < $0 }) ?? true else { return false }
        run.progress.bestMetric = value
        run.progress.bestGlobalStep = state.globalStep
        return true
    }
}
