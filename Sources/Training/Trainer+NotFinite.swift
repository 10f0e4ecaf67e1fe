import Autodiff
import Layers

extension Trainer {
    /// Runs the step again, looking for the first operation that was not finite. Nothing has been updated by it.
    func notFinite(
        _ batches: [(objective: any Objective<Model>, batch: Model.Batch, key: RandomKey)], _ loss: Double, _ norm: Double
    ) -> any Error {
        var anomaly: Anomaly?
        var place: String?
        for (objective, batch, key) in batches where anomaly == nil {
            do {
                _ = try objective.valueAndGradients(trainedModel, batch, key: key, detectingAnomalies: true)
            } catch let found as Anomaly {
                anomaly = found
                place = self.place(of: found, in: batch)
            } catch {
                return error
            }
        }
        let values = [("loss", loss), ("grad_norm", norm), ("epoch", state.epoch)]
        run.progress.logHistory.append(TrainerState.LogEntry(step: state.globalStep + 1, values: values))
        var kept: String?
        if arguments.saveStrategy != .no {
            do {
                kept = try optimizer.withEvaluationWeights { try saveCheckpoint() }
            } catch {
                return error
            }
        }
        return TrainingError.notFinite(
            step: state.globalStep + 1, loss: loss, gradientNorm: norm, anomaly: anomaly,
            place: place, keptModel: kept)
    }

    /// The parameter that was not finite from the start, or the row of the batch.
    private func place(of anomaly: Anomaly, in batch: Model.Batch) -> String? {
        let parameters = model.namedParameters + ownParameters.named(under: "loss")
        if let named = parameters.first(where: { !$0.parameter.value.isFinite }) { return "parameter \(named.name)" }
        return model.place(of: anomaly, in: batch)
    }
}
