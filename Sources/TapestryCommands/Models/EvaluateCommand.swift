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
    @Flag(help: "Gives a 95 % interval beside each metric, from rows that are drawn again.") var confidence = false
    @Flag(help: "Prints JSON: the metrics by their names.") var json = false

    func validate() throws {
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    }

    func run() throws {
        let evaluators = try data.evaluators(batchSize: batchSize, confidence: confidence)
        let model = try model.open()
        let results = try evaluators.map { (file: URL(fileURLWithPath: $0.path).lastPathComponent, result: try $0.evaluator(model)) }
        print(json ? Self.json(results.map(\.result)) : table(results).description)
    }

    private static func json(_ results: [EvaluationResult]) -> String {
        var object = JSONObject()
        for result in results {
            for (key, value) in result.metrics {
                object[key] = .exact(value)
                guard let interval = result.intervals[key] else { continue }
                (object["\(key)_ci_lower"], object["\(key)_ci_upper"]) = (.exact(interval.lower), .exact(interval.upper))
            }
        }
        return JSONValue.object(object).serialized(JSONStyle(indentation: 2, sortsKeys: false))
    }

    private func table(_ results: [(file: String, result: EvaluationResult)]) -> TextTable {
        func text(_ value: Double) -> String { NumberFormat.fixed(value, places: 5) }
        var table = confidence ? TextTable("data", "metric", "value", "lower", "upper") : TextTable("data", "metric", "value")
        for (file, result) in results {
            for (key, value) in result.metrics {
                let interval = result.intervals[key].map { [text($0.lower), text($0.upper)] } ?? ["", ""]
                table.addRow([file, key, text(value)] + (confidence ? interval : []))
            }
        }
        return table
    }
}
