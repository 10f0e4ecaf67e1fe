import Foundation
import ModelFiles

/// A folder from which a run can go on: `checkpoint-<step>` in the run's output folder.
public struct Checkpoint: Sendable {
    /// Updates that were done when it was written.
    public let step: Int
    /// Where it is.
    public let path: String

    /// Why a run cannot go on from it: a file that is missing, cut or changed; nil where it is whole.
    public var problem: String? { CheckpointManifest.problem(in: URL(fileURLWithPath: path, isDirectory: true)) }

    private static let prefix = "checkpoint-"

    static func path(step: Int, in folder: String) -> String {
        URL(fileURLWithPath: folder).appendingPathComponent("\(prefix)\(step)").path
    }

    /// The checkpoints in an output folder, the oldest first; none where there is no folder.
    ///
    /// - Throws: What listing the folder throws.
    public static func all(in folder: String) throws -> [Checkpoint] {
        guard FileManager.default.fileExists(atPath: folder) else { return [] }
        return try FileManager.default.contentsOfDirectory(atPath: folder)
            .compactMap { name in name.hasPrefix(prefix) ? Int(name.dropFirst(prefix.count)) : nil }.sorted()
            .map { Checkpoint(step: $0, path: path(step: $0, in: folder)) }
    }

    /// The newest checkpoint that is whole, and what was passed over on the way to it: path and problem.
    ///
    /// - Throws: What listing the folder throws.
    public static func newestWhole(in folder: String) throws -> (checkpoint: Checkpoint?, broken: [(path: String, problem: String)]) {
        var broken: [(path: String, problem: String)] = []
        for checkpoint in try all(in: folder).reversed() {
            guard let problem = checkpoint.problem else { return (checkpoint, broken) }
            broken.append((checkpoint.path, problem))
        }
        return (nil, broken)
    }

    /// Deletes it, so that no part of it is ever taken for a checkpoint.
    func remove() throws { try AtomicDirectory.remove(URL(fileURLWithPath: path, isDirectory: true)) }
}
