import ArgumentParser
import Foundation
import Tapestry

struct QuickstartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "quickstart",
        abstract: "Fine-tunes the built-in model on built-in, synthetic data: no files needed, half a minute.",
        discussion: """
            Evaluates the small encoder that comes with this library on held-out pairs and triplets, fine-tunes it on \
            2,000 scored pairs and 2,000 triplets, each with a loss of its own, evaluates it again, saves it, writes \
            report.html and ranks sentences against a query. The sentences come from a grammar of this project's own: good \
            for trying things out, no benchmark. The model has not seen any of them before.

            Example:
              \(program) quickstart --output results/quickstart --seed 7
            """)

    @Option(help: "Folder for the model and report.html.") var output = "results/quickstart"
    @Option(help: "Passes over the data.") var epochs = 3.0
    @Option(help: "Seed of the order of rows and of dropout.") var seed: UInt64 = 42

    func run() throws {
        let model = try ModelOption(path: nil).open()
        let (pairs, triplets) = (BuiltInData.scoredPairs(.train), BuiltInData.triplets(.train))
        print("Built-in data (synthetic): \(pairs.rowCount) scored pairs and \(triplets.rowCount) triplets to train on, such as")
        print("  \(pairs.columns[0].texts[0])  |  \(pairs.columns[1].texts[0])  |  \(pairs.labels?.values[0] ?? 0)")
        print("  \(triplets.columns.map { $0.texts[0] }.joined(separator: "  |  "))")
        print("Model: \(model.input.summary); \(NumberFormat.grouped(model.parameterCount)) parameters\n")
        let evaluator = SequentialEvaluator(
            [
                try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test), name: "pairs", batchSize: 32),
                try TripletEvaluator(BuiltInData.triplets(.test), name: "triplets", batchSize: 32),
            ], mainScore: { $0[0] })
        let arguments = TrainingArguments(
            outputDir: output, numTrainEpochs: epochs, perDeviceTrainBatchSize: 64, learningRate: 2e-3, warmupRatio: 0.1, seed: seed
        ) {
            $0.evalStrategy = .epoch
            $0.saveStrategy = .no
        }
        try OutputFolder.prepare(output, allowingExisting: true)
        let session = try TrainingSession(
            model: model,
            tasks: [
                TrainingTask(pairs, name: "pairs", objective: LossObjective(CosineSimilarityLoss())),
                TrainingTask(triplets, name: "triplets", objective: LossObjective(MultipleNegativesRankingLoss(scale: 10))),
            ], evaluator: evaluator, arguments: arguments, unit: "rows")
        let foundBefore = Self.paraphrasesFirst(by: model)
        var report = try session.run(title: "Quickstart")
        let example = BuiltInData.queryExample()
        let ranking = Ranking(model, query: example.query, sentences: example.sentences)
        report.ranking = .init(query: example.query, sentences: ranking.entries)
        try report.write(to: URL(fileURLWithPath: output).appendingPathComponent("report.html"))
        print("\nClosest to: \(example.query)\n\(ranking.table)")
        print(
            "The paraphrase comes first in \(Self.paraphrasesFirst(by: model)) of \(Self.queryCount) such lists; before training, in "
                + "\(foundBefore).")
        print(
            "\nThe model and report.html are in \(output). Use it:\n"
                + "  \(program) similarity --model \(output) \"\(example.query)\" \"\(example.sentences[0])\"")
        if session.wasInterrupted { throw ExitCode(130) }
    }

    private static let queryCount = 100

    /// In how many of the lists that the built-in data hold the paraphrase of the query is ranked first.
    private static func paraphrasesFirst(by model: SentenceTransformer) -> Int {
        (0..<queryCount).count { seed in
            let example = BuiltInData.queryExample(seed: UInt64(seed))
            return Ranking(model, query: example.query, sentences: example.sentences).entries[0].text == example.paraphrase
        }
    }
}
