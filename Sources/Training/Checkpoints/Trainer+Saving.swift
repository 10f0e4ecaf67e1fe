import Autodiff
import Foundation
import JSON
import Layers
import ModelFiles
import Optimizers

extension Trainer {
    var checkpointPath: String { Checkpoint.path(step: state.globalStep, in: arguments.outputDir) }

    private var statefulCallbacks: [any StatefulTrainerCallback] { callbacks.compactMap { $0 as? any StatefulTrainerCallback } }

    /// Writes `checkpoint-<step>`: the model and its card, the arguments, and the state from which training can go on. It
    /// appears complete or not at all; its last file lists the hashes of all others.
    ///
    /// - Returns: Its path.
    func saveCheckpoint(_ control: TrainerControl = TrainerControl()) throws -> String {
        try AtomicDirectory.replaceDirectory(at: URL(fileURLWithPath: checkpointPath), allowingExisting: true) { folder in
            try writeModel(to: folder, control)
            if arguments.saveOnlyModel { return try CheckpointManifest.write(in: folder) }
            var current = run
            current.optimizer = optimizer.state
            current.parameters = Dictionary(uniqueKeysWithValues: adapterParts.map { ($0.name, $0.parameter.value) })
            current.callbacks = JSONObject(members: statefulCallbacks.map { ($0.stateName, .object($0.stateAttributes)) })
            try current.write(to: folder)
            try CheckpointManifest.write(in: folder)
        }
        try rotateCheckpoints()
        return checkpointPath
    }

    /// Goes on where a checkpoint of this run was written: `train()` then ends with the same bytes as if it had never
    /// been interrupted. Model, datasets, objectives and arguments must be those of the run; arguments that differ are warned of.
    ///
    /// - Throws: `ModelFileError` for a checkpoint that cannot be read, ``TrainingError`` for one of another run, or one of which a
    ///   file is missing, cut or changed.
    public func resume(from path: String) throws {
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        func refuse(_ reason: String) -> TrainingError { .checkpoint(path: path, reason: reason) }
        if let problem = CheckpointManifest.problem(in: folder) {
            let other = try Checkpoint.newestWhole(in: folder.deletingLastPathComponent().path).checkpoint
            throw refuse(
                "this is no whole checkpoint: \(problem)" + (other.map { "; the newest that is whole is \($0.path)" } ?? ""))
        }
        guard FileManager.default.fileExists(atPath: folder.appendingPathComponent(TrainingState.fileName).path) else {
            throw refuse("it holds a model alone, as save_only_model asks for, from which no run can go on")
        }
        var saved = try TrainingState(contentsOf: folder)
        guard saved.batchesPerEpoch == run.batchesPerEpoch else {
            throw refuse("its epochs have \(saved.batchesPerEpoch) batches, but those of this run have \(run.batchesPerEpoch)")
        }
        guard saved.progress.globalStep <= state.maxSteps else {
            throw refuse("it is at step \(saved.progress.globalStep), but this run ends at \(state.maxSteps)")
        }
        if let problem = try LossParameters.mismatch(ownParameters, in: folder) ?? mismatch(saved.parameters)
            ?? optimizer.restore(saved.optimizer)
        {
            throw refuse(problem)
        }
        for callback in statefulCallbacks {
            guard case .object(let attributes)? = saved.callbacks[callback.stateName] else { continue }
            var fields = JSONFields(attributes, file: folder.appendingPathComponent(TrainingState.fileName).path, place: callback.stateName)
            try callback.restore(&fields)
        }
        try warn(ofChangesSince: folder)
        try takeParameters(from: folder, adapterParts: saved.parameters)
        saved.progress.maxSteps = state.maxSteps
        if arguments.ignoreDataSkip { saved.batch = 0 }
        // Kept by the optimizer and the model from here on.
        (saved.optimizer.tensors, saved.parameters) = ([:], [:])
        (run, hasEnded) = (saved, false)
    }

    /// Goes on from the newest checkpoint in `output_dir` that is whole; broken ones are warned of.
    ///
    /// - Returns: Its path; nil where there is no checkpoint at all, so that the run begins at the first step.
    /// - Throws: As ``resume(from:)`` does, also where there are checkpoints, but none is whole.
    @discardableResult
    public func resumeFromNewestCheckpoint() throws -> String? {
        let (newest, broken) = try Checkpoint.newestWhole(in: arguments.outputDir)
        guard let newest else {
            guard let (path, problem) = broken.first else { return nil }
            throw TrainingError.checkpoint(path: path, reason: "\(problem); no other checkpoint in \(arguments.outputDir) is whole")
        }
        try resume(from: newest.path)
        for (path, problem) in broken { warnings.append("\(path) is passed over, since it is not whole: \(problem)") }
        return newest.path
    }

    /// Goes on where `resume_from_checkpoint` says.
    func resume(at point: ResumePoint) throws {
        switch point {
        case .path(let path): try resume(from: path)
        case .newest:
            guard try resumeFromNewestCheckpoint() == nil else { return }
            throw TrainingError.checkpoint(path: arguments.outputDir, reason: "there is no checkpoint to go on from")
        }
    }

    /// Tells of arguments that are others than those the checkpoint was written under.
    private func warn(ofChangesSince folder: URL) throws {
        let written = try JSONFile.readObject(folder.appendingPathComponent("training_args.json"))
        let changes = arguments.keysAndValues.compactMap { key, value -> String? in
            guard case .string(let before)? = written[key], before != value, !Self.besideTheRun.contains(key) else {
                return nil
            }
            return "\(key) was \(before) and is \(value)"
        }
        guard !changes.isEmpty else { return }
        warnings.append(
            "\(folder.path) was written under other arguments, so the run ends elsewhere than it would have: "
                + changes.joined(separator: ", "))
    }

    /// Arguments that change nothing of what a run computes.
    private static var besideTheRun: Set<String> {
        ["output_dir", "disable_tqdm", "resume_from_checkpoint", "report_to", "run_name", "project", "save_total_limit"]
    }

    /// What the model's parameters are composed of, which is in none of its files.
    private var adapterParts: [NamedParameter] {
        let held = Set(model.namedWeights.map { ObjectIdentifier($0.parameter) })
        return model.namedParameters.filter { !held.contains(ObjectIdentifier($0.parameter)) }
    }

    /// Why these are not the parts that this run has; nil where they are.
    private func mismatch(_ saved: [String: Tensor]) -> String? {
        let wanted = adapterParts
        if let named = wanted.first(where: { saved[$0.name]?.shape != $0.parameter.shape }) {
            return "the parameter \(named.name) \(named.parameter.shape) is not in it"
        }
        return saved.count == wanted.count ? nil : "it holds \(saved.count) parts of parameters, but this run has \(wanted.count)"
    }

    /// The objectives' and the model's.
    private func takeParameters(from folder: URL, adapterParts saved: [String: Tensor]) throws {
        if !ownParameters.isEmpty { try Weights.load(ownParameters, from: LossParameters.file(in: folder)) }
        try model.takeParameters(from: folder)
        for named in adapterParts { if let value = saved[named.name] { named.parameter.value = value } }
    }

    /// Writes the model, as it is now, its card and what was logged into `path`, beside any checkpoints there. The file by
    /// which a folder is known to be a model comes last.
    public func saveModel(to path: String) throws {
        let target = URL(fileURLWithPath: path, isDirectory: true)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let temporary = target.appendingPathComponent(".saving-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: temporary) }
        try AtomicDirectory.replaceDirectory(at: temporary, allowingExisting: false) { try writeModel(to: $0, TrainerControl()) }
        let last = Model.markerFileName
        let names = try FileManager.default.contentsOfDirectory(atPath: temporary.path).sorted().filter { $0 != last } + [last]
        let marker = target.appendingPathComponent(last)
        if FileManager.default.fileExists(atPath: marker.path) { try FileManager.default.removeItem(at: marker) }
        for name in names {
            let destination = target.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: destination.path) { try FileManager.default.removeItem(at: destination) }
            try FileManager.default.moveItem(at: temporary.appendingPathComponent(name), to: destination)
        }
    }

    private func writeModel(to folder: URL, _ control: TrainerControl) throws {
        try model.write(to: folder)
        if !ownParameters.isEmpty { try LossParameters.write(ownParameters, to: folder) }
        let style = JSONStyle(indentation: 2, sortsKeys: true)
        let progress = state.file(arguments, intervals, control: control, callbacks: statefulCallbacks)
        try JSONFile.write(.object(progress), to: folder.appendingPathComponent("trainer_state.json"), style: style)
        let values = JSONObject(members: arguments.keysAndValues.map { ($0.key, .string($0.value)) })
        try JSONFile.write(.object(values), to: folder.appendingPathComponent("training_args.json"), style: style)
        if let card = model.card(of: record) {
            try AtomicFile.write(card, to: folder.appendingPathComponent("README.md"))
        }
    }

    /// Deletes the oldest checkpoints beyond the limit, never the newest or the best.
    private func rotateCheckpoints() throws {
        guard let limit = arguments.saveTotalLimit, limit > 0 else { return }
        let checkpoints = try Checkpoint.all(in: arguments.outputDir)
        var surplus = checkpoints.count - limit
        for checkpoint in checkpoints where surplus > 0 && checkpoint.step != state.globalStep && checkpoint.step != state.bestGlobalStep {
            try checkpoint.remove()
            surplus -= 1
        }
    }

    /// Gives the model and the objectives the parameters of the best checkpoint.
    func loadBestModelIfWanted() throws {
        guard arguments.loadBestModelAtEnd, let path = state.bestModelCheckpoint else { return }
        let folder = URL(fileURLWithPath: path, isDirectory: true)
        try takeParameters(from: folder, adapterParts: adapterParts.isEmpty ? [:] : TrainingState.parameters(in: folder))
    }
}
