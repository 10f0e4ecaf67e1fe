import ArgumentParser
import Foundation
import Tapestry

/// Does ranking among in-batch negatives teach an encoder to tell entailment from contradiction?
@main
struct TrainNLI: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on triplets with MultipleNegativesRankingLoss and no text twice in a batch.",
        usage: """
            TrainNLI --model models/minilm --train triplets-train.csv --dev triplets-dev.csv
            TrainNLI --built-in
            """)

    @Option(help: "Model directory to start from.") var model = "models/minilm"
    @Option(help: "Triplets to train on: anchor, positive, negative.") var train = "triplets-train.csv"
    @Option(help: "Triplets to evaluate on.") var dev = "triplets-dev.csv"
    @Option(help: "Scored pairs to evaluate on as well.") var sts: String?
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Triplets a step; the more, the more negatives.") var batchSize = 64
    @Option(help: "Number of steps instead of epochs.") var maxSteps = -1
    @Option(help: "Seed of every random draw.") var seed: UInt64 = 42
    @Option(help: "Folder for the model.") var output = "results/train-nli"
    @Flag(help: "Uses the built-in model and data: no files needed.") var builtIn = false

    func run() throws {
        let encoder = builtIn ? .builtIn() : try SentenceTransformer(model)
        let triplets = builtIn ? BuiltInData.triplets(.train) : try Dataset(contentsOf: URL(fileURLWithPath: train))
        let held = builtIn ? BuiltInData.triplets(.test) : try Dataset(contentsOf: URL(fileURLWithPath: dev))
        var evaluators: [any Evaluator] = [try TripletEvaluator(held, name: "dev", batchSize: 32)]
        if builtIn { evaluators.append(try EmbeddingSimilarityEvaluator(BuiltInData.scoredPairs(.test), name: "sts", batchSize: 32)) }
        if let sts {
            evaluators.append(try EmbeddingSimilarityEvaluator(Dataset(contentsOf: URL(fileURLWithPath: sts)), name: "sts", batchSize: 32))
        }
        let arguments = TrainingArguments(
            outputDir: output, numTrainEpochs: builtIn ? max(epochs, 10) : epochs, perDeviceTrainBatchSize: batchSize,
            learningRate: builtIn ? 5e-4 : 2e-5, warmupRatio: 0.1, seed: seed
        ) {
            $0.batchSampler = .noDuplicates
            $0.maxSteps = maxSteps
            $0.saveStrategy = .no
        }
        try Trainer.prepareOutput(output, allowingExisting: true)
        let trainer = try Trainer(
            encoder, loss: MultipleNegativesRankingLoss(), dataset: triplets, arguments: arguments,
            callbacks: [ProgressCallback(unit: "triplets")])
        let before = try evaluators.flatMap { try $0(encoder).metrics }
        try trainer.train()
        let after = try evaluators.flatMap { try $0(encoder).metrics }
        try trainer.saveModel(to: output)
        var table = TextTable("metric", "before", "after")
        for (old, new) in zip(before, after) {
            table.addRow(old.key, NumberFormat.fixed(old.value), NumberFormat.fixed(new.value))
        }
        print(table)
        print("The model is in \(output)")
    }
}
