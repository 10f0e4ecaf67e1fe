import Foundation

/// A program that has run to its end.
struct ToolRun {
    let succeeded: Bool
    let output: String
    let errors: String

    /// Runs a program, found by its name, with `folder` as its working directory.
    init(_ arguments: [String], in folder: URL) throws {
        // Files, not pipes: a pipe that nobody reads fills up.
        let names = ["output", "errors"].map { folder.appendingPathComponent(".\($0)-\(UUID().uuidString)") }
        defer { for name in names { try? FileManager.default.removeItem(at: name) } }
        for name in names { try Data().write(to: name) }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["SWIFT_BACKTRACE=enable=no"] + arguments
        process.currentDirectoryURL = folder
        process.standardOutput = try FileHandle(forWritingTo: names[0])
        process.standardError = try FileHandle(forWritingTo: names[1])
        try process.run()
        process.waitUntilExit()
        succeeded = process.terminationReason == .exit && process.terminationStatus == 0
        output = String(decoding: try Data(contentsOf: names[0]), as: UTF8.self)
        errors = String(decoding: try Data(contentsOf: names[1]), as: UTF8.self)
    }
}
