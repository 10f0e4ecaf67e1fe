import Foundation
import Testing

/// A training run in a process of its own (`Tests/InterruptedRun`), in a folder of its own.
struct ProcessRun {
    /// Where it writes to.
    let output: URL
    /// What the system reported at its end; 9 where it was killed.
    let status: Int32
    /// Its last step, and how many calls changed files; nil where it did not come to its end.
    let lastStep: Int?
    let callCount: Int?
    let errors: String

    /// - Parameters:
    ///   - folder: Is made where it is not there.
    ///   - checkpoint: The path of the one to go on from, `newest`, or nil.
    ///   - environment: Beside this process's own.
    init(in folder: URL, from checkpoint: String? = nil, environment: [String: String] = [:]) throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        let process = Process()
        process.executableURL = bundle.deletingLastPathComponent().appendingPathComponent("InterruptedRun")
        process.arguments = [fixture("models/tiny-bert").path, "output"] + (checkpoint.map { [$0] } ?? [])
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let (printed, complaints) = (Pipe(), Pipe())
        (process.standardOutput, process.standardError) = (printed, complaints)
        try process.run()
        // Neither fills its pipe before the other ends.
        let text = String(decoding: printed.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        errors = String(decoding: complaints.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        status = process.terminationStatus
        output = folder.appendingPathComponent("output")
        let numbers = text.split { " \n".contains($0) }.compactMap { Int($0) }
        (lastStep, callCount) = numbers.count == 2 ? (numbers[0], numbers[1]) : (nil, nil)
    }

    /// Contents of all files of a checkpoint, by path.
    func files(ofCheckpoint step: Int) throws -> [String: Data] {
        let root = output.appendingPathComponent("checkpoint-\(step)")
        let paths = try FileManager.default.subpathsOfDirectory(atPath: root.path)
        return try Dictionary(
            uniqueKeysWithValues: paths.compactMap { path in
                let url = root.appendingPathComponent(path)
                let isFolder = try url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory!
                return isFolder ? nil : (path, try Data(contentsOf: url))
            })
    }
}
