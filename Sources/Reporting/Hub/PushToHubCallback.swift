import Dispatch
import Foundation
import Hub
import Requirements
import SentenceEmbeddings
import Training

/// Uploads the model of a run to the hub: with each checkpoint, while training goes on, and after the last step.
///
/// The repository is made at once, so that a wrong token is known before training. An upload that fails later stops no
/// training: it is told on standard error, and is in `failure`.
///
/// ```swift
/// trainer.addCallback(try PushToHubCallback(HubPushSettings(hubModelID: "me/my-model")))
/// ```
public final class PushToHubCallback: HubUploading, Sendable {
    private struct State {
        var pending = 0
        var failure: (any Error)?
    }

    private let settings: HubPushSettings
    private let client: HubClient
    /// The repository, with its owner.
    public let repository: Repository
    private let keepsCard: Bool
    private let state = Locked(State())
    private let queue = DispatchQueue(label: "PushToHubCallback")

    /// The last upload that failed; nil: none did.
    public var failure: (any Error)? { state.withLock { $0.failure } }

    /// Makes the repository, unless it exists, and the branch.
    ///
    /// - Throws: `HubError`.
    public convenience init(_ settings: HubPushSettings) throws {
        try self.init(settings, client: HubClient(HubSettings(token: settings.hubToken)))
    }

    package init(_ settings: HubPushSettings, client: HubClient) throws {
        (self.settings, self.client) = (settings, client)
        repository = try client.createRepository(
            Repository(settings.hubModelID), isPrivate: settings.hubPrivateRepo, allowingExisting: true)
        if let branch = settings.hubRevision { try client.createBranch(branch, of: repository) }
        keepsCard = try !settings.replaceModelCard && client.hasCard(repository, revision: settings.hubRevision ?? "main")
    }

    /// What only a run that goes on needs.
    private static let stateFiles = ["training_state.safetensors"]

    public func onSave(_ context: TrainerContext, _ control: inout TrainerControl) {
        guard settings.hubStrategy != .end else { return }
        let isFree = state.withLock { state in
            guard settings.hubAlwaysPush || state.pending == 0 else { return false }
            state.pending += 1
            return true
        }
        guard isFree else { return }
        let (step, name) = (context.state.globalStep, "checkpoint-\(context.state.globalStep)")
        let message =
            context.arguments.saveStrategy == .epoch
            ? "Training in progress, epoch \(Int(context.state.epoch))" : "Training in progress, step \(step)"
        let checkpoint = URL(fileURLWithPath: context.arguments.outputDir).appendingPathComponent(name)
        let kept: URL
        do {
            kept = try Self.linked(checkpoint)
        } catch {
            finish(error)
            return
        }
        let target: String? =
            switch settings.hubStrategy {
            case .checkpoint: "last-checkpoint"
            case .allCheckpoints: name
            default: nil
            }
        queue.async { [self] in
            defer { try? FileManager.default.removeItem(at: kept) }
            do {
                try upload(kept, message: message, ignoring: Self.stateFiles)
                if let target { try upload(kept, into: target, message: message + ", checkpoint", ignoring: []) }
                finish(nil)
            } catch {
                finish(error)
            }
        }
    }

    public func onTrainEnd(_ context: TrainerContext, _ control: inout TrainerControl) {
        queue.sync {}
        do {
            try withTemporaryFolder { folder in
                var model: any TrainableModel = context.model
                // What makes it trainable is not known in this module.
                if var named = (model as Any) as? SentenceTransformer, named.modelCardData.modelID == nil {
                    named.modelCardData.modelID = repository.id
                    model = (named as Any) as? any TrainableModel ?? model
                }
                try model.write(to: folder)
                if let card = model.card(of: context.record) {
                    try Data(card.utf8).write(to: folder.appendingPathComponent("README.md"))
                }
                try upload(folder, message: "End of training", ignoring: [])
            }
        } catch {
            state.withLock { $0.pending += 1 }
            finish(error)
        }
    }

    private func upload(_ folder: URL, into path: String = "", message: String, ignoring patterns: [String]) throws {
        try client.uploadFolder(
            folder, to: repository, pathInRepository: path, revision: settings.hubRevision ?? "main", message: message,
            ignorePatterns: patterns + (keepsCard && path.isEmpty ? ["README.md"] : []))
    }

    private func finish(_ error: (any Error)?) {
        state.withLock { state in
            state.pending -= 1
            if let error { state.failure = error }
        }
        if let error { client.onNotice("the upload to \(repository) failed, training goes on: \(error)") }
    }

    /// The files of a folder once more, so that they stay when the folder is deleted while they are sent. They are never
    /// written to, and so need no second place on the disk.
    private static func linked(_ folder: URL) throws -> URL {
        let files = FileManager.default
        let copy = folder.deletingLastPathComponent().appendingPathComponent(".push-\(UUID().uuidString)", isDirectory: true)
        try files.createDirectory(at: copy, withIntermediateDirectories: false)
        for path in try files.subpathsOfDirectory(atPath: folder.path).sorted() {
            let (from, to) = (folder.appendingPathComponent(path), copy.appendingPathComponent(path))
            var isFolder: ObjCBool = false
            _ = files.fileExists(atPath: from.path, isDirectory: &isFolder)
            if isFolder.boolValue {
                try files.createDirectory(at: to, withIntermediateDirectories: true)
            } else if link(from.path, to.path) != 0 {
                try files.copyItem(at: from, to: to)
            }
        }
        return copy
    }
}
