import ArgumentParser
import Foundation
import Tapestry

/// How much does one epoch on scored pairs improve a sentence encoder?
@main
struct TrainSTS: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fine-tunes a model on scored pairs, as STS benchmark has them.",
        usage: """
            TrainSTS --model models/minilm --train stsb-train.csv --dev stsb-dev.csv --test stsb-test.csv
            TrainSTS --built-in
            """)

    @Option(help: "Model directory to start from.") var model = "models/minilm"
    @Option(help: "Scored pairs to train on.") var train = "stsb-train.csv"
    @Option(help: "Scored pairs to evaluate on during training.") var dev = "stsb-dev.csv"
    @Option(help: "Scored pairs to evaluate on at the end.") var test = "stsb-test.csv"
    @Option(help: "CoSENTLoss or CosineSimilarityLoss.") var loss = "CoSENTLoss"
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Pairs a step.") var batchSize = 32
    @Option(help: "Largest learning rate; 2e-5, or 5e-4 for the built-in model, which is small.") var learningRate: Double?
    @Option(help: "Seed of every random draw.") var seed: UInt64 = 42
    @Option(help: "Folder for the model and report.html.") var output = "results/train-sts"
    @Flag(help: "Uses the built-in model and data: no files needed.") var builtIn = false

    func run() throws {
        let encoder = builtIn ? .builtIn() : try SentenceTransformer(model)
        let pairs = builtIn ? BuiltInData.scoredPairs(.train) : try Dataset(contentsOf: URL(fileURLWithPath: train))
        let held = builtIn ? [BuiltInData.scoredPairs(.test)]
            : try [dev, test].map { try Dataset(contentsOf: URL(fileURLWithPath: $0)) }
        let evaluators = try zip(["dev", "test"], held).map { try EmbeddingSimilarityEvaluator($1, name: $0, batchSize: 32) }
        let arguments = TrainingArguments(
            outputDir: output, numTrainEpochs: builtIn ? max(epochs, 8) : epochs, perDeviceTrainBatchSize: batchSize,
            learningRate: learningRate ?? (builtIn ? 5e-4 : 2e-5), warmupRatio: 0.1, seed: seed
        ) {
            $0.evalStrategy = .epoch
            $0.saveStrategy = .no
        }
        try Trainer.prepareOutput(output, allowingExisting: true)
        let trainer = try Trainer(
            encoder, loss: LossCatalog.loss(named: loss), dataset: pairs, evaluator: evaluators[0], arguments: arguments,
            callbacks: [ProgressCallback()])
        let before = try evaluators.map { try $0(encoder).metrics }
        try trainer.train()
        let after = try evaluators.map { try $0(encoder).metrics }
        try trainer.saveModel(to: output)
        var table = TextTable("metric", "before", "after")
        for (old, new) in zip(before.joined(), after.joined()) {
            table.addRow(old.key, NumberFormat.fixed(old.value), NumberFormat.fixed(new.value))
        }
        print(table)
        print("The model is in \(output)")
    }
}
