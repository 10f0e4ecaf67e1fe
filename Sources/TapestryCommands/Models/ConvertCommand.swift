import ArgumentParser
import Foundation
import Tapestry

struct ConvertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Writes a model of any layout as a clean folder of Sentence Transformers.",
        discussion: """
            Plain transformers get pooling, pytorch_model.bin and shards become one model.safetensors, heads and buffers are left \
            out. The folder appears complete or not at all.

            Examples:
              \(program) convert models/old models/clean
              \(program) convert bert-base-uncased models/bert --dtype float16
            """)

    @Argument(help: "Folder, or a name of the hub.") var model: String
    @Argument(help: "Folder to write.") var output: String
    @Option(help: "Type of the weights: float32, float16 or bfloat16.") var dtype = WeightType.float32
    @Flag(help: "Replaces the folder if it exists.") var overwrite = false

    func run() throws {
        let (source, _) = try SentenceTransformer.folder(model, client: .showingProgress())
        let opened = try SentenceTransformer(source.path)
        let target = URL(fileURLWithPath: output, isDirectory: true)
        try AtomicDirectory.replaceDirectory(at: target, allowingExisting: overwrite) { folder in
            try opened.write(to: folder)
            try dtype.rewrite(folder: folder)
            let card = "README.md", written = source.appendingPathComponent(card)
            guard FileManager.default.fileExists(atPath: written.path) else { return }
            try AtomicFile.write(String(contentsOf: written, encoding: .utf8), to: folder.appendingPathComponent(card))
        }
        print("\(output): \(opened.allModules.map(\.className).joined(separator: ", ")), \(dtype.rawValue)")
    }
}

extension WeightType: ExpressibleByArgument {}
