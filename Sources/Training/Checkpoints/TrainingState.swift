import Autodiff
import Foundation
import JSON
import ModelFiles
import Optimizers

/// All that a run is beside the model's weights, written and read here alone.
///
/// Samplers, schedules and random keys are functions of the arguments and of where the run stands, so that the position
/// says all about them.
struct TrainingState {
    /// Steps, log and best metric: what people read.
    var progress = TrainerState()
    /// The epoch that is under way, and how many of its batches are done.
    var epoch = 0
    var batch = 0
    /// By which a run with other data or batches is told apart.
    var batchesPerEpoch = 0
    var rowsSeen = 0
    var evaluatedStep = -1
    var totalLoss = 0.0
    /// Updates whose gradient was shortened.
    var clippedSteps = 0
    /// Loss and components since the last log.
    var lossLog = RunningMeans()
    var last = LastUpdate()
    /// What stateful callbacks know, by their names.
    var callbacks = JSONObject()
    var optimizer = Optimizer.State()
    /// What a schedule that goes by evaluations remembers.
    var schedule = JSONObject()
    /// Parts of the model's parameters that are in none of its files: adapters before they are merged.
    var parameters: [String: Tensor] = [:]

    /// Figures of the last update; NaN before the first.
    struct LastUpdate {
        var loss = Double.nan
        var components: [(name: String, value: Double)] = []
        var gradientNorm = 0.0
        var learningRate = Double.nan
    }

    static let fileName = "training_state.safetensors"
    private static let (optimizerPrefix, parameterPrefix) = ("optimizer.", "parameter.")
    private static let key = "state"

    // MARK: Files

    /// - Throws: `ModelFileError` when it cannot be written.
    func write(to folder: URL) throws {
        let tensors =
            optimizer.tensors.map { SafetensorsTensor(name: Self.optimizerPrefix + $0.key, tensor: $0.value) }
            + parameters.map { SafetensorsTensor(name: Self.parameterPrefix + $0.key, tensor: $0.value) }
        try SafetensorsWriter.write(
            tensors, metadata: [Self.key: json.serialized(.compact)], to: folder.appendingPathComponent(Self.fileName))
    }

    /// - Throws: `ModelFileError` when the file is missing or broken.
    init(contentsOf folder: URL) throws {
        let file = try Self.file(in: folder)
        guard let text = file.metadata[Self.key], case .object(let object)? = try? JSONValue.parse(Array(text.utf8)) else {
            throw ModelFileError(.malformed, file: file.url.path, place: Self.key, problem: "is no JSON object")
        }
        try read(JSONFields(object, file: file.url.path, place: Self.key))
        optimizer.tensors = try Self.tensors(of: file, under: Self.optimizerPrefix)
        parameters = try Self.tensors(of: file, under: Self.parameterPrefix)
    }

    /// The parameters alone.
    static func parameters(in folder: URL) throws -> [String: Tensor] { try tensors(of: file(in: folder), under: parameterPrefix) }

    private static func file(in folder: URL) throws -> SafetensorsFile {
        try SafetensorsFile(contentsOf: folder.appendingPathComponent(fileName))
    }

    private static func tensors(of file: SafetensorsFile, under prefix: String) throws -> [String: Tensor] {
        var tensors: [String: Tensor] = [:]
        for name in file.names where name.hasPrefix(prefix) { tensors[String(name.dropFirst(prefix.count))] = try file.tensor(name) }
        return tensors
    }

    init() {}

    private var json: JSONValue {
        var object = progress.json
        object["epoch_number"] = .integer(epoch)
        object["batches_done"] = .integer(batch)
        object["batches_per_epoch"] = .integer(batchesPerEpoch)
        object["rows_seen"] = .integer(rowsSeen)
        object["evaluated_step"] = .integer(evaluatedStep)
        object["clipped_steps"] = .integer(clippedSteps)
        object["total_loss"] = .finite(totalLoss)
        object["loss_sums"] = .numbers(lossLog.sums)
        object["loss_weight"] = .finite(lossLog.weight)
        object["last_loss"] = .finite(last.loss)
        object["last_components"] = .numbers(last.components)
        object["last_gradient_norm"] = .finite(last.gradientNorm)
        object["last_learning_rate"] = .finite(last.learningRate)
        object["schedule"] = .object(schedule)
        object["optimizer_steps"] = .integer(optimizer.stepCount)
        object["callbacks"] = .object(callbacks)
        return .object(object)
    }

    private mutating func read(_ fields: JSONFields) throws {
        var fields = fields
        func count(_ key: String) throws -> Int { try fields.requiredInteger(key, in: -1 ... .max) }
        let all = -Double.greatestFiniteMagnitude ... .greatestFiniteMagnitude
        func number(_ key: String) throws -> Double { try fields.number(key, in: all) ?? .nan }
        func numbers(_ key: String) throws -> [(name: String, value: Double)] {
            (try fields.object(key) ?? [:]).members.map { ($0.key, $0.value.doubleValue ?? .nan) }
        }
        (epoch, batch, rowsSeen) = (try count("epoch_number"), try count("batches_done"), try count("rows_seen"))
        batchesPerEpoch = try count("batches_per_epoch")
        (evaluatedStep, optimizer.stepCount) = (try count("evaluated_step"), try count("optimizer_steps"))
        clippedSteps = try count("clipped_steps")
        schedule = try fields.object("schedule") ?? [:]
        totalLoss = try number("total_loss")
        lossLog = RunningMeans(sums: try numbers("loss_sums"), weight: try number("loss_weight"))
        last = LastUpdate(
            loss: try number("last_loss"), components: try numbers("last_components"),
            gradientNorm: try number("last_gradient_norm"), learningRate: try number("last_learning_rate"))
        callbacks = try fields.object("callbacks") ?? [:]
        progress = try TrainerState(&fields)
    }
}

extension JSONValue {
    /// A number; null where it is not finite, which JSON cannot write.
    static func finite(_ value: Double?) -> JSONValue { value.flatMap { $0.isFinite ? .real($0) : nil } ?? .null }

    static func numbers(_ values: [(name: String, value: Double)]) -> JSONValue {
        .object(JSONObject(members: values.map { ($0.name, .finite($0.value)) }))
    }
}
