import Foundation
import Requirements
import SentenceEmbeddings
import Training

/// What `fit` does beside training: evaluates after each epoch, keeps the best model, tells a function.
final class FitCallback: TrainerCallback {
    /// The evaluator that was given, whose primary metric is remembered; nil where there is none.
    let evaluator: WatchedEvaluator?
    /// The first thing that went wrong.
    private(set) var error: (any Error)?
    private let outputPath: String?
    private let savesBest: Bool
    private let callback: ((Double, Double, Int) -> Void)?
    private var best = -Double.infinity

    init(
        _ evaluator: (any Evaluator<SentenceTransformer>)?, outputPath: String?, savesBest: Bool,
        callback: ((Double, Double, Int) -> Void)?
    ) {
        self.evaluator = evaluator.map { WatchedEvaluator($0) }
        (self.outputPath, self.savesBest, self.callback) = (outputPath, savesBest, callback)
    }

    func onEvaluate(_ context: TrainerContext, _ control: inout TrainerControl, _ metrics: [(key: String, value: Double)]) {
        guard let score = evaluator?.primaryValue else { return }
        attempt(&control) { try take(score, of: context.model, epoch: context.state.epoch, steps: context.state.globalStep) }
    }

    func onEpochEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        attempt(&control) { try evaluate(context.model, epoch: context.state.epoch, steps: context.state.globalStep) }
    }

    func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        attempt(&control) { try saveLast(context.model) }
    }

    /// Runs the evaluator, if there is one.
    func evaluate(_ model: any TrainableModel, epoch: Double, steps: Int) throws {
        guard let evaluator, let model = model as? SentenceTransformer else { return }
        let folder = outputPath.map { URL(fileURLWithPath: $0).appendingPathComponent("eval") }
        if let folder { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }
        let score = try evaluator(model, outputPath: folder, epoch: epoch, steps: steps).primaryValue
        try take(score, of: model, epoch: epoch, steps: steps)
    }

    /// Without an evaluator, the last model is the one that is saved.
    func saveLast(_ model: any TrainableModel) throws { if evaluator == nil { try save(model) } }

    private func take(_ score: Double, of model: any TrainableModel, epoch: Double, steps: Int) throws {
        if savesBest && score > best {
            best = score
            try save(model)
        }
        callback?(score, epoch, steps)
    }

    private func save(_ model: any TrainableModel) throws {
        guard let outputPath, let model = model as? SentenceTransformer else { return }
        try FileManager.default.createDirectory(atPath: outputPath, withIntermediateDirectories: true)
        try model.write(to: URL(fileURLWithPath: outputPath, isDirectory: true))
    }

    private func attempt(_ control: inout TrainerControl, _ body: () throws -> Void) {
        do {
            try body()
        } catch {
            self.error = self.error ?? error
            control.shouldTrainingStop = true
        }
    }
}

/// An evaluator whose last primary value is remembered.
final class WatchedEvaluator: Evaluator {
    private let inner: any Evaluator<SentenceTransformer>
    private let last = Locked<Double?>(nil)

    init(_ inner: any Evaluator<SentenceTransformer>) { self.inner = inner }

    var name: String { inner.name }
    var primaryValue: Double? { last.withLock { $0 } }

    func metricNames(for model: SentenceTransformer) -> [String]? { inner.metricNames(for: model) }

    func callAsFunction(_ model: SentenceTransformer, outputPath: URL?, epoch: Double, steps: Int) throws -> EvaluationResult {
        let result = try inner(model, outputPath: outputPath, epoch: epoch, steps: steps)
        last.withLock { $0 = result.primaryValue }
        return result
    }
}
