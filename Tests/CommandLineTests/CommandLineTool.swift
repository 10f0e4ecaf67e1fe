import Foundation
import Testing

/// Runs the built `tapestry` command in a temporary folder of its own.
final class CommandLineTool {
    struct Result {
        let code: Int32
        let output: String
        let errors: String
    }

    let folder: URL

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("tapestry-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: folder) }

    /// A program that was built; it lies beside the test bundle.
    static func executable(_ program: String = "tapestry") -> URL {
        let bundle = URL(fileURLWithPath: ProcessInfo.processInfo.arguments[0]).resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().appendingPathComponent(program)
    }

    static let fixtureModel = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/models/tiny-bert")

    /// What a command finds in its environment beside the usual: no test asks the real hub.
    var environment = ["HF_HUB_OFFLINE": "1"]

    func start(
        _ arguments: [String], program: String = "tapestry", input: URL? = nil
    ) throws -> (process: Process, output: Pipe, errors: URL) {
        let process = Process()
        process.executableURL = Self.executable(program)
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let errors = folder.appendingPathComponent(".errors-\(UUID().uuidString)")
        try Data().write(to: errors)
        process.standardError = try FileHandle(forWritingTo: errors)
        process.standardInput = try input.map { try FileHandle(forReadingFrom: $0) } ?? FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output, errors)
    }

    func run(_ arguments: String...) throws -> Result { try run(arguments) }

    /// - Parameter input: What stands at standard input.
    func run(_ arguments: [String], program: String = "tapestry", input: Data? = nil) throws -> Result {
        let inputFile = folder.appendingPathComponent(".input-\(UUID().uuidString)")
        if let input { try input.write(to: inputFile) }
        let (process, output, errors) = try start(arguments, program: program, input: input == nil ? nil : inputFile)
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        defer { try? FileManager.default.removeItem(at: errors) }
        return Result(
            code: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
            errors: try String(contentsOf: errors, encoding: .utf8))
    }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        try write(name, Data(text.utf8))
    }

    @discardableResult
    func write(_ name: String, _ data: Data) throws -> String {
        try data.write(to: folder.appendingPathComponent(name))
        return name
    }

    /// A copy of the fixture model to break.
    func copyModel(_ name: String = "model") throws -> URL {
        let copy = folder.appendingPathComponent(name)
        try FileManager.default.copyItem(at: Self.fixtureModel, to: copy)
        return copy
    }

    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: folder.appendingPathComponent(name).path) }

    /// Names in the folder, without hidden files.
    func content() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix(".") }.sorted()
    }

    static let pairs = """
        sentence1,sentence2,score
        A cat sits on the mat.,The cat is sitting.,0.9
        "A dog, a big one, runs.",It rains.,0.1
        The sun shines.,Sunshine everywhere.,0.8
        A man plays music.,Someone cooks rice.,0.2
        Birds fly.,Birds are flying.,1.0
        Snow falls.,A car drives.,0.0

        """
}
