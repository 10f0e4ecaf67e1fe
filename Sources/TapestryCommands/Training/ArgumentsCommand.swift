import ArgumentParser
import Tapestry

struct ArgumentsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arguments",
        abstract: "Shows the training arguments, as `\(program) train --set` and files for --config take them.")

    @Flag(help: "Prints JSON.") var json = false
    @Flag(help: "Prints the tables of docs/arguments.md.") var markdown = false

    func run() throws {
        if markdown { return print(TrainingArguments.markdown, terminator: "") }
        let arguments = TrainingArguments().optionSummaries
        print(
            json
                ? JSONValue.array(arguments.map { JSONValue($0) }).serialized(JSONStyle(indentation: 2, sortsKeys: false))
                : "\(TextTable(arguments, of: "argument"))")
    }
}
