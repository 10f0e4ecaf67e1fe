import ArgumentParser
import Foundation
import Tapestry

struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measures a model on scored pairs or triplets.",
        discussion: """
            Examples:
              tapestry evaluate --model models/minilm --sts test.csv
              tapestry evaluate --model models/minilm --triplets triplets-dev.csv
            """)

    @OptionGroup var model: ModelOption
    @Option(help: "Two texts and a score a row: Pearson and Spearman of the similarity.") var sts: String?
    @Option(help: "Anchor, positive, negative a row: share of anchors that are closer to the positive.") var triplets: String?
    @Option(help: "Sentences that are computed together.") var batchSize = 32

    func validate() throws {
        if sts == nil && triplets == nil { throw ValidationError("give --sts FILE, --triplets FILE, or both") }
        if batchSize < 1 { throw ValidationError("--batch-size must be 1 or more") }
    }

    func run() throws {
        var evaluators: [(String, any Evaluator<SentenceTransformer>)] = []
        if let sts {
            let dataset = try Dataset(contentsOf: URL(fileURLWithPath: sts))
            evaluators.append((sts, try EmbeddingSimilarityEvaluator(dataset, batchSize: batchSize)))
        }
        if let triplets {
            let dataset = try Dataset(contentsOf: URL(fileURLWithPath: triplets))
            evaluators.append((triplets, try TripletEvaluator(dataset, batchSize: batchSize)))
        }
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
