import ArgumentParser
import Foundation
import Tapestry

struct LossesCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "losses",
        abstract: "Shows the losses: which columns and labels they take, their options, formulas and papers.",
        discussion: """
            Examples:
              \(program) losses
              \(program) losses MultipleNegativesRankingLoss
              \(program) losses --columns "anchor,positive,negative"
              \(program) losses --columns "sentence1,sentence2" --label score
              \(program) losses --columns "sentence,label" --json

            A column named label, labels, score or scores is the label.
            """)

    @Argument(help: "A loss to tell of.") var name: String?
    @Option(help: ArgumentHelp("Shows the losses that fit these columns.", valueName: "names")) var columns: String?
    @Option(help: "What the label holds: none, class (a whole number), score (a number) or vector (a list of numbers).")
    var label: LabelKind?
    @Flag(help: "Prints JSON.") var json = false

    func validate() throws {
        if name != nil && columns != nil { throw ValidationError("give the name of a loss, or --columns, not both") }
        if label != nil && columns == nil { throw ValidationError("--label goes with --columns") }
        if let columns, names(columns).contains("") { throw ValidationError("--columns \(columns): write names separated by commas") }
    }

    func run() throws {
        if let name {
            let entry = try UsageError.forLoss { try ObjectiveCatalog.entry(named: name) }
            show(JSONValue(entry), LossPage(entry: entry))
        } else if let columns {
            let choice = try LossChoice(names(columns), kind: label)
            show(.array(choice.entries.map { JSONValue($0) }), choice.table)
        } else {
            show(.array(ObjectiveCatalog.entries.map { JSONValue($0) }), LossTable())
        }
    }

    private func show(_ value: @autoclosure () -> JSONValue, _ text: @autoclosure () -> any CustomStringConvertible) {
        print(json ? value().serialized(JSONStyle(indentation: 2, sortsKeys: false)) : text().description)
    }

    private func names(_ list: String) -> [String] {
        list.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }
}
