import Autodiff
import Encoders
import Foundation
import Losses
import ModelFiles
import Optimizers
import Reporting
import Sampling
import SentenceEmbeddings
import Tables
import Training

extension SentenceTransformer: TrainableModel {
    public func batch(_ dataset: Dataset, rows: [Int]) -> TrainingBatch { TrainingBatch(dataset, rows: rows, model: self) }

    public func batch(_ dataset: Dataset, rows: [Int], inputs: ColumnInputs) throws -> TrainingBatch {
        if inputs.tasks != nil, routers.isEmpty { throw TrainingArgumentError("router_mapping: the model has no router") }
        for router in routers {
            for (column, name) in dataset.columnNames.enumerated() {
                let task = inputs.tasks?[column]
                guard router.route(for: task) == nil else { continue }
                let routes = router.routes.map(\.name).joined(separator: ", ")
                throw TrainingArgumentError(
                    task.map { "router_mapping: the column \(name) is for \($0), but the router has no such route; it has \(routes)" }
                        ?? "router_mapping: nothing is said of the column \(name), and the router has no default route; it has \(routes)")
            }
        }
        return TrainingBatch(dataset, rows: rows, model: self, inputs: inputs)
    }

    public func trained(with arguments: TrainingArguments) throws -> SentenceTransformer {
        let settings = EncoderTraining(
            embeddingNoise: arguments.neftuneNoiseAlpha, recomputesLayers: arguments.gradientCheckpointing ?? false,
            packsActivations: arguments.bf16)
        guard let model = training(settings) else {
            let name = transformer.map { "an encoder \($0.model.configuration.architecture.modelType)" } ?? "a \(input.className)"
            let asked = arguments.bf16 ? "bf16" : settings.recomputesLayers ? "gradient_checkpointing" : "neftune_noise_alpha"
            throw TrainingArgumentError("\(asked): \(name) cannot do that")
        }
        return model
    }

    public func evaluated() -> SentenceTransformer { rememberingEmbeddings() }

    public func place(of anomaly: Anomaly, in batch: TrainingBatch) -> String? {
        guard let first = anomaly.shape.first else { return nil }
        if first == batch.rowCount { return "row \(anomaly.row) of the batch" }
        guard first == batch.tokens.tokenCount,
            let sequence = batch.tokens.offsets.values.lastIndex(where: { Int($0) <= anomaly.row })
        else { return nil }
        return "row \(sequence % batch.rowCount) of the batch, column \(sequence / batch.rowCount)"
    }

    public static var markerFileName: String { ModelDirectory.modulesFileName }

    public func takeParameters(from folder: URL) throws {
        let (weights, loaded) = (namedWeights, try opened(from: folder).namedWeights)
        guard weights.map(\.name) == loaded.map(\.name) else {
            throw ModelFileError(
                .malformed, file: folder.path, problem: "its \(loaded.count) weights are not the model's \(weights.count)")
        }
        for (own, theirs) in zip(weights, loaded) where own.parameter.parts.isEmpty {
            own.parameter.value = theirs.parameter.value
        }
    }

    public func card(of run: TrainingRun) -> String? { ModelCard(model: self, run: run).markdown }
}

extension Trainer where Model == SentenceTransformer {
    /// Trains with a loss of embeddings.
    ///
    /// - Parameters:
    ///   - model: The encoder, which is trained in place.
    ///   - loss: The inputs that it declares must fit the dataset.
    ///   - dataset: The rows.
    ///   - evalDataset: For `eval_loss`.
    ///   - evaluator: For metrics.
    ///   - arguments: Everything that training can be told.
    ///   - optimizer: AdamW with the arguments' settings when left out.
    ///   - callbacks: Told of events, in this order.
    /// - Throws: `LossInputError` or `DatasetError` when the dataset does not fit the loss, and
    ///   `TrainingArgumentError`: before any work is done.
    public convenience init(
        _ model: SentenceTransformer, loss: any Loss = CoSENTLoss(), dataset: any EpochwiseDataset,
        evalDataset: Dataset? = nil, evaluator: (any Evaluator<SentenceTransformer>)? = nil,
        arguments: TrainingArguments = TrainingArguments(), optimizer: Optimizer? = nil,
        callbacks: [any TrainerCallback] = []
    ) throws {
        try self.init(
            model, objective: LossObjective(loss), dataset: dataset, evalDataset: evalDataset,
            evaluator: evaluator, arguments: arguments, optimizer: optimizer, callbacks: callbacks)
    }
}

extension TrainingTask where Model == SentenceTransformer {
    /// A dataset and a loss of embeddings.
    ///
    /// - Throws: What making the rows of the first epoch throws.
    public init(
        _ source: any EpochwiseDataset, name: String = "", loss: any Loss, sampler: (any BatchSamplerFactory)? = nil
    ) throws {
        try self.init(source, name: name, objective: LossObjective(loss), sampler: sampler)
    }
}
