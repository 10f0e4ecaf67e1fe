import ArgumentParser
import Foundation
import Tapestry

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Says of any folder or model of the hub what it is, what it is made of, and what is missing.",
        discussion: """
            The exit code is 0 if the model can be used, else 1.

            Examples:
              \(program) info
              \(program) info models/minilm
              \(program) info bert-base-uncased
            """)

    @Argument(help: "Folder, or a name of the hub; the built-in model when left out.") var name: String?
    @OptionGroup var model: ModelOption

    func validate() throws {
        if name != nil, model.path != nil { throw ValidationError("the model is named twice: by --model and by \(name!)") }
    }

    func run() throws {
        let folder = try ModelOption(path: name ?? model.path).folder()
        print(ModelFolderReport(folder))
        let model = try SentenceTransformer(folder.path)
        var table = TextTable("module", "parameters", "size", "settings")
        for module in model.allModules {
            table.addRow(
                module.className, NumberFormat.grouped(module.parameterCount),
                NumberFormat.fixed(Double(bytes(of: module)) / 1e6, places: 1) + " MB", module.summary)
        }
        print(table)
        print(
            "embedding dimension \(model.embeddingDimension), similarity \(model.similarityFunction.rawValue), "
                + "\(NumberFormat.grouped(model.parameterCount)) parameters")
        if !model.prompts.filter({ !$0.value.isEmpty }).isEmpty { print("prompts: \(model.prompts)") }
    }

    private func bytes(of module: any EmbeddingModule) -> Int {
        module.parameters.reduce(0) { $0 + $1.count * $1.value.dtype.byteCount }
    }
}
