import ArgumentParser
import Foundation
import Tapestry

struct RerunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rerun",
        abstract: "Trains a model once more from its manifest, and compares the bytes.",
        discussion: """
            `\(program) train` writes \(RunManifest.fileName) beside a model: the hashes of all files that it read, of the program, and of \
            the model's files. This command checks that all of these are as they were, trains again, and says whether the model has the \
            same bytes. Where something differs, it names the first of it and trains nothing. Run it in the folder in which the model was \
            trained.

            Examples:
              \(program) rerun models/mine/\(RunManifest.fileName)
              \(program) rerun models/mine/\(RunManifest.fileName) --output models/again
            """)

    @Argument(help: "The manifest of a trained model.") var manifest: String
    @Option(help: "Folder for the new model; none is kept when left out.") var output: String?
    @Flag(help: "Trains also where something differs.") var anyway = false

    func run() throws {
        let manifest = try RunManifest(contentsOf: URL(fileURLWithPath: self.manifest))
        if let difference = try manifest.firstDifference() {
            guard anyway else { throw Difference(description: "\(difference); --anyway trains all the same") }
            Console.writeToStandardError("\(difference)\n")
        }
        let temporary = FileManager.default.temporaryDirectory.appendingPathComponent("rerun-\(UUID().uuidString)").path
        defer { if output == nil { try? FileManager.default.removeItem(atPath: temporary) } }
        let folder = output ?? temporary
        var words = Array(manifest.command.dropFirst())
        words += ["--output", folder]
        let command = try TrainCommand.parse(words)
        try command.run()
        if let difference = try manifest.firstDifference(inOutput: folder) { throw Difference(description: "the new model: \(difference)") }
        print("The new model has the same bytes: \(manifest.outputs.count) files")
    }
}

/// What is not as it was.
private struct Difference: Error, CustomStringConvertible {
    let description: String
}
