import ArgumentParser
import Tapestry

struct LossesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses", abstract: "Lists the losses and the columns that they take.")

    func run() {
        var table = TextTable("loss", "text columns", "labels", "defaults")
        for loss in LossCatalog.all {
            let columns = loss.inputs.columns.joined(separator: ", ") + (loss.inputs.allowsMoreColumns ? ", …" : "")
            table.addRow(loss.name, columns, loss.inputs.labels.summary, loss.configuration.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        print(table)
    }
}
