import Autodiff
import Foundation
import Layers
import ModelFiles
import Tables

/// A model that a `Trainer` can train: parameters, and batches of its own that it makes of a table's rows.
///
/// ```swift
/// struct LinearRegression: TrainableModel {
///     let layer = Linear(inputWidth: 2, outputWidth: 1, key: RandomKey(1))
///
///     func batch(_ dataset: Dataset, rows: [Int]) throws -> (x: Tensor, y: Tensor) {
///         (try dataset.tensor(["height", "age"], rows: rows), try dataset.tensor(["weight"], rows: rows))
///     }
/// }
/// ```
public protocol TrainableModel: Module {
    /// What it makes of rows: anything that may go from thread to thread.
    associatedtype Batch: Sendable

    /// Prepares rows of a table; called on another thread than training, while the batch before is computed.
    ///
    /// - Throws: `DatasetError` for columns that it cannot take.
    func batch(_ dataset: Dataset, rows: [Int]) throws -> Batch

    /// The same with what the arguments say of the columns: prompts, and tasks for a router.
    ///
    /// - Throws: ``TrainingArgumentError`` for what the model has no use for.
    func batch(_ dataset: Dataset, rows: [Int], inputs: ColumnInputs) throws -> Batch

    /// This model, with the same parameters, as the arguments want it in training: noise, what is kept for the backward pass.
    /// Evaluation and files are made of the model itself.
    ///
    /// - Throws: ``TrainingArgumentError`` for what it cannot be.
    func trained(with arguments: TrainingArguments) throws -> Self

    /// This model, with the same parameters, for one evaluation, in which the weights stay as they are: what it computes for a loss
    /// it may keep for an evaluator.
    func evaluated() -> Self

    /// Which row of a batch a value that is not finite belongs to, in words; nil where that cannot be told.
    func place(of anomaly: Anomaly, in batch: Batch) -> String?

    /// The file by which a folder is known to hold such a model; it is moved into place last.
    static var markerFileName: String { get }

    /// Writes the model's files into a folder that exists; `model.safetensors` where nothing else is said.
    ///
    /// - Throws: `ModelFileError`.
    func write(to folder: URL) throws

    /// Takes the values of a model of the same structure that `write(to:)` wrote; those of composed parameters stay.
    ///
    /// - Throws: `ModelFileError`.
    func takeParameters(from folder: URL) throws

    /// The text of README.md beside a model that was trained; none where nothing else is said.
    func card(of run: TrainingRun) -> String?
}

extension TrainableModel {
    public func batch(_ dataset: Dataset, rows: [Int], inputs: ColumnInputs) throws -> Batch {
        guard inputs.isEmpty else {
            throw TrainingArgumentError("\(inputs.tasks == nil ? "prompts" : "router_mapping"): \(Self.self) makes no texts of its rows")
        }
        return try batch(dataset, rows: rows)
    }

    public func trained(with arguments: TrainingArguments) throws -> Self {
        for (key, isAsked) in [
            ("neftune_noise_alpha", arguments.neftuneNoiseAlpha != nil),
            ("gradient_checkpointing", arguments.gradientCheckpointing == true), ("bf16", arguments.bf16),
        ] where isAsked { throw TrainingArgumentError("\(key): \(Self.self) cannot do that") }
        return self
    }

    public func evaluated() -> Self { self }
    public func place(of anomaly: Anomaly, in batch: Batch) -> String? { nil }
    public static var markerFileName: String { "model.safetensors" }
    public func card(of run: TrainingRun) -> String? { nil }

    public func write(to folder: URL) throws {
        try Weights.save(namedTensors, to: folder.appendingPathComponent("model.safetensors"))
    }

    public func takeParameters(from folder: URL) throws {
        try Weights.load(
            namedWeights.filter { $0.parameter.parts.isEmpty },
            from: SafetensorsFile(contentsOf: folder.appendingPathComponent("model.safetensors")))
    }
}
