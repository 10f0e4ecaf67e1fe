import Foundation
import JSON
import Layers
import ModelFiles
import SentenceEmbeddings

extension Trainer {
    /// Makes the output folder and says no at once where that cannot be: before hours of training.
    ///
    /// - Parameter allowingExisting: Whether a folder that has content may be added to.
    /// - Throws: ``TrainingError``.
    public static func prepareOutput(_ path: String, allowingExisting: Bool) throws {
        guard !path.isEmpty else { throw TrainingError.output(path: "the output folder", reason: "its name is empty") }
        let files = FileManager.default
        var isFolder: ObjCBool = false
        if files.fileExists(atPath: path, isDirectory: &isFolder) {
            guard isFolder.boolValue else { throw TrainingError.output(path: path, reason: "is a file, not a folder") }
            let isEmpty = (try? files.contentsOfDirectory(atPath: path).isEmpty) ?? false
            guard isEmpty || allowingExisting else {
                throw TrainingError.output(path: path, reason: "exists and is not empty; choose another folder, or allow overwriting")
            }
        }
        let probe = URL(fileURLWithPath: path).appendingPathComponent(".probe-\(UUID().uuidString)")
        do {
            try files.createDirectory(atPath: path, withIntermediateDirectories: true)
            try Data().write(to: probe)
            try files.removeItem(at: probe)
        } catch {
            throw TrainingError.output(path: path, reason: "cannot be written: \(error.systemReason)")
        }
    }

    var checkpointPath: String {
        URL(fileURLWithPath: arguments.outputDir).appendingPathComponent("checkpoint-\(state.globalStep)").path
    }

    /// Writes `checkpoint-<step>`: the model, its card, `trainer_state.json` and the arguments. It appears complete or not at all.
    ///
    /// - Returns: Its path.
    func saveCheckpoint() throws -> String {
        try model.save(to: checkpointPath, allowingExisting: true) { folder in
            try writeState(to: folder)
        }
        try rotateCheckpoints()
        return checkpointPath
    }

    /// Writes the model, as it is now, its card and the training state into `path`, beside any checkpoints there. The file by
    /// which a folder is known to be a model comes last.
    public func saveModel(to path: String) throws {
        let target = URL(fileURLWithPath: path, isDirectory: true)
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        let temporary = target.appendingPathComponent(".saving-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: temporary) }
        try model.save(to: temporary.path) { folder in try writeState(to: folder) }
        let last = ModelDirectory.modulesFileName
        let names = try FileManager.default.contentsOfDirectory(atPath: temporary.path).sorted().filter { $0 != last } + [last]
        let marker = target.appendingPathComponent(last)
        if FileManager.default.fileExists(atPath: marker.path) { try FileManager.default.removeItem(at: marker) }
        for name in names {
            let destination = target.appendingPathComponent(name)
            if FileManager.default.fileExists(atPath: destination.path) { try FileManager.default.removeItem(at: destination) }
            try FileManager.default.moveItem(at: temporary.appendingPathComponent(name), to: destination)
        }
    }

    private func writeState(to folder: URL) throws {
        let style = JSONStyle(indentation: 2, sortsKeys: true)
        let json = state.json(arguments, evalSteps: intervals.evaluation, loggingSteps: intervals.logging,
                              saveSteps: intervals.saving)
        try JSONFile.write(.object(json), to: folder.appendingPathComponent("trainer_state.json"), style: style)
        var values = JSONObject()
        for (key, value) in arguments.keysAndValues { values[key] = .string(value) }
        try JSONFile.write(.object(values), to: folder.appendingPathComponent("training_args.json"), style: style)
        let card = ModelCard(model: model, tasks: tasks, arguments: arguments, state: state)
        try Data(card.markdown.utf8).write(to: folder.appendingPathComponent("README.md"))
    }

    /// Deletes the oldest checkpoints beyond the limit, never the newest or the best.
    private func rotateCheckpoints() throws {
        guard let limit = arguments.saveTotalLimit, limit > 0 else { return }
        let root = URL(fileURLWithPath: arguments.outputDir)
        let steps = try FileManager.default.contentsOfDirectory(atPath: root.path)
            .compactMap { name in name.hasPrefix("checkpoint-") ? Int(name.dropFirst("checkpoint-".count)) : nil }.sorted()
        var surplus = steps.count - limit
        for step in steps where surplus > 0 && step != state.globalStep && step != state.bestGlobalStep {
            try FileManager.default.removeItem(at: root.appendingPathComponent("checkpoint-\(step)"))
            surplus -= 1
        }
    }

    /// Gives the model the weights of the best checkpoint.
    func loadBestModelIfWanted() throws {
        guard arguments.loadBestModelAtEnd, let path = state.bestModelCheckpoint else { return }
        let best = try SentenceTransformer(path)
        for (current, loaded) in zip(model.parameters, best.parameters) { current.value = loaded.value }
    }
}
