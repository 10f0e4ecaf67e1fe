import ArgumentParser
import Foundation
import Tapestry

struct InfoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "info",
        abstract: "Shows what a model is made of.",
        discussion: """
            Examples:
              \(program) info
              \(program) info --model models/minilm
            """)

    @OptionGroup var model: ModelOption

    func run() throws {
        let model = try self.model.open()
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
