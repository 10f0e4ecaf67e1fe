import ArgumentParser
import Tapestry

struct LossesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses", abstract: "Lists the losses and the columns that they take.")

    func run() {
        var table = TextTable("loss", "text columns", "labels", "defaults")
        for loss in LossCatalog.all {
            let columns = loss.inputs.columns.joined(separator: ", ") + (loss.inputs.allowsMoreColumns ? ", …" : "")
            let labels = switch loss.inputs.labels {
            case .none: "none"
            case .scores: "score"
            case .scoresWithin(let range): "score in \(range.lowerBound)...\(range.upperBound)"
            }
            table.addRow(loss.name, columns, labels, loss.configuration.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        }
        print(table)
    }
}
