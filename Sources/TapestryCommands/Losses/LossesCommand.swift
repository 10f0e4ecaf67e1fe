import ArgumentParser
import Tapestry

struct LossesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses", abstract: "Lists the losses and the columns that they take.")

    func run() {
        var table = TextTable("loss", "what it does", "options")
        for entry in LossCatalog.entries {
            table.addRow(entry.name, entry.summary, entry.options.map(\.name).joined(separator: ", "))
        }
        print(table)
    }
}
