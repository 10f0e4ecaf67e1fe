import ArgumentParser
import Foundation
import Tapestry

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a model on scored pairs or triplets.",
        discussion: """
            Examples:
              \(program) evaluate --model models/minilm --sts test.csv
              \(program) evaluate --model models/minilm --triplets triplets-dev.csv
            """)

    @OptionGroup var model: ModelOption
    @OptionGroup var data: EvaluationData
    @Option(help: "Sentences that are computed together.") var batchSize = 32

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    }

    func run() throws {
        let evaluators = try data.evaluators(batchSize: batchSize)
        let model = try model.open()
        var table = TextTable("data", "metric", "value")
        for (path, evaluator) in evaluators {
            for metric in try evaluator(model).metrics {
                table.addRow(URL(fileURLWithPath: path).lastPathComponent, metric.key, NumberFormat.fixed(metric.value, places: 5))
            }
        }
        print(table)
    }
}
