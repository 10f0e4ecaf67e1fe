import ArgumentParser
import Foundation
import Tapestry

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a model: similarity, classification, triplets, translation, re-ranking, retrieval, mining.",
        discussion: """
            Examples:
              \(program) evaluate --model models/minilm --sts test.csv
              \(program) evaluate --model models/minilm --triplets triplets-dev.csv
              \(program) evaluate --model models/minilm --information-retrieval cranfield --json
            """)

    @OptionGroup var model: ModelOption
    @OptionGroup var data: EvaluationData
    @Option(help: "Sentences that are computed together.") var batchSize = 32
    @Flag(help: "Prints JSON: the metrics by their names.") var json = false

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    }

    func run() throws {
        let evaluators = try data.evaluators(batchSize: batchSize)
        let model = try model.open()
        let metrics = try evaluators.flatMap { path, evaluator in
            try evaluator(model).metrics.map { (file: URL(fileURLWithPath: path).lastPathComponent, key: $0.key, value: $0.value) }
        }
        if json {
            var object = JSONObject()
            for metric in metrics { object[metric.key] = .exact(metric.value) }
            print(JSONValue.object(object).serialized(JSONStyle(indentation: 2, sortsKeys: false)))
        } else {
            var table = TextTable("data", "metric", "value")
            for metric in metrics { table.addRow(metric.file, metric.key, NumberFormat.fixed(metric.value, places: 5)) }
            print(table)
        }
    }
}
