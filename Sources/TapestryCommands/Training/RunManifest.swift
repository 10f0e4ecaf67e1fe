import Foundation
import Tapestry

/// What a trained model was made of, by hashes: every file that was read, the program, the processor, and what came out.
///
/// `tapestry train` writes it beside the model; `tapestry rerun` trains again from it.
struct RunManifest {
    static let fileName = "run_manifest.json"

    /// A file, and its content's SHA-256.
    struct Entry: Equatable {
        let path: String
        let hash: String
    }

    /// The words after `tapestry`.
    let command: [String]
    /// Data, configuration and model files, in this order.
    let inputs: [Entry]
    /// The program's SHA-256.
    let program: String
    /// What of the processor decides in which order sums are taken.
    let processor: [String]
    let seed: UInt64
    /// The model's files, by their paths in its folder.
    let outputs: [Entry]

    /// What a run that has just ended was made of.
    ///
    /// - Parameters:
    ///   - command: The words after `tapestry`.
    ///   - inputs: Paths of files and folders that were read.
    ///   - seed: Of the run.
    ///   - output: The folder of the model.
    init(command: [String], inputs: [String], seed: UInt64, output: String) throws {
        self.command = command
        self.inputs = try inputs.flatMap { try Self.files(at: $0) }.map { Entry(path: $0, hash: try Self.hash($0)) }
        program = try Self.programHash()
        processor = Self.processorFeatures()
        self.seed = seed
        outputs = try Self.modelFiles(in: output).map { Entry(path: $0, hash: try Self.hash("\(output)/\($0)")) }
    }

    // MARK: What differs

    /// The first of what a run depends on that is not as it was, in one line; nil where all is.
    func firstDifference() throws -> String? {
        for entry in inputs {
            guard FileManager.default.fileExists(atPath: entry.path) else { return "\(entry.path) is missing" }
            let found = try Self.hash(entry.path)
            if found != entry.hash { return "\(entry.path) has another content: SHA-256 \(found), not \(entry.hash)" }
        }
        let current = try Self.programHash()
        if current != program { return "the program is another one: SHA-256 \(current), not \(program)" }
        let features = Self.processorFeatures()
        if features != processor {
            return "the processor is another one: \(features.joined(separator: " ")), not \(processor.joined(separator: " "))"
        }
        return nil
    }

    /// The first of the model's files that came out otherwise, or not at all; nil where all bytes are the same.
    func firstDifference(inOutput folder: String) throws -> String? {
        for entry in outputs {
            guard FileManager.default.fileExists(atPath: "\(folder)/\(entry.path)") else { return "\(entry.path) was not written" }
            if try Self.hash("\(folder)/\(entry.path)") != entry.hash { return "\(entry.path) has other bytes" }
        }
        return nil
    }

    // MARK: Files

    /// What tells of a run rather than of its model: times, histories, this file itself.
    private static let others: Set = ["README.md", "trainer_state.json", "training_args.json", "report.html", fileName]
    /// What a run writes beside its model.
    private static func isBesideModel(_ path: String) -> Bool {
        let first = path.split(separator: "/").first.map(String.init) ?? path
        return ["checkpoint-", "earlier-", "."].contains(where: first.hasPrefix) || ["eval", "runs"].contains(first)
    }

    private static func modelFiles(in folder: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder).sorted().filter {
            var isFolder: ObjCBool = false
            return !isBesideModel($0) && !others.contains($0)
                && FileManager.default.fileExists(atPath: "\(folder)/\($0)", isDirectory: &isFolder) && !isFolder.boolValue
        }
    }

    private static func files(at path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue else { return [path] }
        return try modelFiles(in: path).map { "\(path)/\($0)" }
    }

    private static func hash(_ path: String) throws -> String { try SHA256.hex(ofFile: URL(fileURLWithPath: path)) }

    private static func programHash() throws -> String {
        try SHA256.hex(ofFile: Bundle.main.executableURL ?? URL(fileURLWithPath: CommandLine.arguments[0]))
    }

    private static func processorFeatures() -> [String] {
        let known = ["avx2", "fma", "avx512f", "avx512bw", "avx512vl", "avx512_bf16", "amx_bf16", "asimd", "sve"]
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix("flags") || $0.hasPrefix("Features") } ?? ""
        return known.filter(Set(line.split { " \t:".contains($0) }.map(String.init)).contains)
    }

    /// - Throws: `ModelFileError` when it cannot be written.
    func write(to folder: String) throws {
        func list(_ entries: [Entry]) -> JSONValue { .array(entries.map { ["path": .string($0.path), "sha256": .string($0.hash)] }) }
        let content: JSONValue = [
            "command": .array(command.map { .string($0) }), "inputs": list(inputs), "program": .string(program),
            "processor": .array(processor.map { .string($0) }), "seed": .string("\(seed)"), "outputs": list(outputs),
        ]
        try JSONFile.write(
            content, to: URL(fileURLWithPath: folder).appendingPathComponent(Self.fileName),
            style: JSONStyle(indentation: 2, sortsKeys: false))
    }

    /// - Throws: `ModelFileError` for a file that cannot be read, or says something else.
    init(contentsOf url: URL) throws {
        let root = JSONNode<ModelFileError>(.object(try JSONFile.readObject(url)), at: JSONPlace(file: url.path))
        func entries(_ key: String) throws -> [Entry] {
            try root.required(key).elements().map {
                Entry(path: try $0.required("path").string(), hash: try $0.required("sha256").string())
            }
        }
        command = try root.required("command").strings()
        (inputs, outputs) = (try entries("inputs"), try entries("outputs"))
        (program, processor) = (try root.required("program").string(), try root.required("processor").strings())
        guard command.first == "train" else { throw root.error("the command is no \"train\"") }
        guard let seed = UInt64(try root.required("seed").string()) else { throw try root.required("seed").error("is no number") }
        self.seed = seed
    }
}
