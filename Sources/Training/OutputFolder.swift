import Foundation
import Tables

/// The folder that a run writes to.
public enum OutputFolder {
    /// Makes the output folder and says no at once where that cannot be: before hours of training.
    ///
    /// - Parameter allowingExisting: Whether a folder that has content may be added to.
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
