/// Asks for logging, evaluation and saving when the arguments say so.
final class DefaultFlowCallback: TrainerCallback {
    private let loggingSteps, evalSteps, saveSteps: Int

    init(_ intervals: Intervals) {
        loggingSteps = intervals.logging
        evalSteps = intervals.evaluation
        saveSteps = intervals.saving
    }

    /// The three intervals in updates.
    struct Intervals {
        let logging, evaluation, saving: Int

        init(_ arguments: TrainingArguments, totalSteps: Int) {
            func interval(_ steps: Double) -> Int { TrainingArguments.interval(steps, of: totalSteps) }
            logging = interval(arguments.loggingSteps)
            evaluation = interval(arguments.evalSteps ?? arguments.loggingSteps)
            saving = interval(arguments.saveSteps)
        }
    }

    func onStepEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        let (arguments, step) = (context.arguments, context.state.globalStep)
        if step == 1 && arguments.loggingFirstStep { control.shouldLog = true }
        if arguments.loggingStrategy == .steps && step % loggingSteps == 0 { control.shouldLog = true }
        if arguments.evalStrategy == .steps && step % evalSteps == 0 && Double(step) >= arguments.evalDelay {
            control.shouldEvaluate = true
        }
        if arguments.saveStrategy == .steps && step % saveSteps == 0 { control.shouldSave = true }
        if step >= context.state.maxSteps {
            control.shouldTrainingStop = true
            if arguments.evalStrategy == .steps { control.shouldEvaluate = true }
            if arguments.saveStrategy == .steps { control.shouldSave = true }
        }
    }

    func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        if context.arguments.loggingStrategy == .epoch { control.shouldLog = true }
        if context.arguments.evalStrategy == .epoch && context.state.epoch >= context.arguments.evalDelay { control.shouldEvaluate = true }
        if context.arguments.saveStrategy == .epoch { control.shouldSave = true }
    }
}
