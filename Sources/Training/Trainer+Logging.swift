import Foundation

extension Trainer {
    func warn(_ text: String) {
        warnings.append(text)
        write(warning: text)
    }

    func write(warning: String) {
        guard arguments.logLevel != .error, arguments.logLevel != .critical else { return }
        FileHandle.standardError.write(Data("Warning: \(warning)\n".utf8))
    }

    func logEvaluateSave(_ control: inout TrainerControl) throws {
        if control.shouldLog, !run.lossLog.isEmpty {
            let last = run.last
            geometry = EmbeddingGeometry(lastEmbeddings)
            if let geometry, geometry.hasCollapsed, !hasWarnedOfCollapse {
                hasWarnedOfCollapse = true
                warn(
                    "at step \(state.globalStep) the embeddings of a batch have collapsed: effective rank \(geometry.effectiveRank.rounded(places: 2)) "
                        + "of \(geometry.dimension), uniformity \(geometry.uniformity.rounded(places: 3))")
            }
            log(
                run.lossLog.take() + [("grad_norm", last.gradientNorm), ("learning_rate", last.learningRate), ("epoch", state.epoch)],
                &control)
            control.shouldLog = false
        }
        var improved = false
        if control.shouldEvaluate && run.evaluatedStep != state.globalStep {
            run.evaluatedStep = state.globalStep
            let metrics = try evaluate(&control)
            log(metrics, &control)
            notify(&control) { $0.onEvaluate($1, &$2, metrics) }
            stepMetricSchedule(metrics)
            improved = try noteBest(metrics)
            control.shouldEvaluate = false
            if improved && arguments.saveStrategy == .best { control.shouldSave = true }
        }
        if control.shouldSave {
            if improved || state.bestGlobalStep == state.globalStep { run.progress.bestModelCheckpoint = checkpointPath }
            let asked = control
            _ = try optimizer.withEvaluationWeights { try saveCheckpoint(asked) }
            notify(&control) { $0.onSave($1, &$2) }
        }
    }

    func log(_ values: [(key: String, value: Double)], _ control: inout TrainerControl) {
        run.progress.logHistory.append(TrainerState.LogEntry(step: state.globalStep, values: values))
        notify(&control) { $0.onLog($1, &$2, values) }
    }

    func notify(
        _ control: inout TrainerControl, _ event: (any TrainerCallback, TrainerContext, inout TrainerControl) -> Void
    ) {
        let context = TrainerContext(
            arguments: arguments, state: state, model: model, rowsSeen: run.rowsSeen, rowsInTotal: rowsInTotal,
            lastLoss: run.last.loss, lastComponents: run.last.components, lastLearningRate: run.last.learningRate, geometry: geometry,
            makeRecord: { [tasks, evalTasks, arguments, state, lastEvaluation, emissions] in
                TrainingRun(tasks, evalTasks, arguments, state, lastEvaluation, emissions)
            })
        for callback in callbacks { event(callback, context, &control) }
    }
}
