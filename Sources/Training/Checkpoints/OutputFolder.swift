import Foundation
import ModelFiles
import Tables

/// The folder that a run writes to.
public enum OutputFolder {
    /// Makes the folder where there is none, keeps other runs out of it, and removes what a process that was killed left half-written.
    ///
    /// - Returns: What keeps others out as long as it lives.
    /// - Throws: ``TrainingError`` where another run writes into it.
    static func acquire(_ path: String) throws -> FolderLock {
        try prepare(path, allowingExisting: true)
        let folder = URL(fileURLWithPath: path)
        guard let lock = try FolderLock(folder) else {
            throw TrainingError.output(path: path, reason: "another run is writing into it; wait for its end, or choose another output_dir")
        }
        try AtomicDirectory.removeRemains(in: folder)
        return lock
    }

    /// Moves checkpoints and evaluation files of an earlier run to `earlier-1`, `earlier-2` …, so that rotation, the choice
    /// of the best, and the curves of a new run see its own alone.
    static func setAsideEarlierRun(in folder: URL) throws {
        let files = FileManager.default
        let names = try Checkpoint.all(in: folder.path).map { "checkpoint-\($0.step)" } + ["eval"]
        let found = names.filter { files.fileExists(atPath: folder.appendingPathComponent($0).path) }
        guard !found.isEmpty else { return }
        var number = 1
        while files.fileExists(atPath: folder.appendingPathComponent("earlier-\(number)").path) { number += 1 }
        let target = folder.appendingPathComponent("earlier-\(number)")
        try files.createDirectory(at: target, withIntermediateDirectories: false)
        for name in found { try files.moveItem(at: folder.appendingPathComponent(name), to: target.appendingPathComponent(name)) }
    }

    /// Makes the output folder and says no at once where that cannot be: before hours of training.
    ///
    /// - Parameters:
    ///   - path: The folder.
    ///   - allowingExisting: Whether a folder that has content may be added to.
    /// - Throws: ``TrainingError``.
    public static func prepare(_ path: String, allowingExisting: Bool) throws {
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
}
