import Foundation
import Losses
import Sampling

extension Trainer {
    /// The loss on the evaluation dataset and the evaluator's metrics, all called `eval_…`.
    public func evaluate() throws -> [(key: String, value: Double)] {
        var metrics: [(key: String, value: Double)] = []
        let start = ContinuousClock.now
        var rows = 0, steps = 0
        for (task, sampler) in zip(evalTasks, evalSamplers) {
            let batches = sampler.batches(epoch: 0).map { MultiDatasetBatchSampler.Batch(dataset: 0, rows: $0) }
            let loader = BatchLoader([task.dataset], batches: batches, model: model)
            var means = RunningMeans()
            for index in batches.indices {
                let value = task.objective.value(model, try loader.batch(index))
                let count = batches[index].rows.count
                means.add([("loss", value.total.item)] + value.namedComponents, weight: Double(count))
                rows += count
            }
            steps += batches.count
            let prefix = task.name.isEmpty ? "eval_" : "eval_\(task.name)_"
            metrics += means.take().map { (prefix + $0.key, $0.value) }
        }
        if let evaluator {
            let result = try evaluator(
                model, outputPath: URL(fileURLWithPath: arguments.outputDir).appendingPathComponent("eval"),
                epoch: state.epoch, steps: state.globalStep)
            metrics += result.metrics.map { ($0.key.hasPrefix("eval_") ? $0.key : "eval_" + $0.key, $0.value) }
        }
        let seconds = (ContinuousClock.now - start).seconds
        metrics.append(("eval_runtime", seconds.rounded(places: 4)))
        metrics.append(("eval_samples_per_second", (Double(rows) / seconds).rounded(places: 3)))
        metrics.append(("eval_steps_per_second", (Double(steps) / seconds).rounded(places: 3)))
        metrics.append(("epoch", state.epoch))
        return metrics
    }

    /// Whether these are the best metrics so far.
    func noteBest(_ metrics: [(key: String, value: Double)]) throws -> Bool {
        guard arguments.loadBestModelAtEnd || arguments.metricForBestModel != nil else { return false }
        let plain = arguments.metricForBestModel ?? "loss"
        let name = plain.hasPrefix("eval_") ? plain : "eval_" + plain
        guard let value = metrics.first(where: { $0.key == name })?.value else {
            throw TrainingError.unknownMetric(name, available: metrics.map(\.key))
        }
        let greaterIsBetter = arguments.greaterIsBetter ?? !name.hasSuffix("loss")
        guard state.bestMetric.map({ greaterIsBetter ? value > $0 : value < $0 }) ?? true else { return false }
        run.progress.bestMetric = value
        run.progress.bestGlobalStep = state.globalStep
        return true
    }
}
