import ArgumentParser
import Foundation
import Tapestry

/// How large must a BERT be that learns from random weights on a few thousand pairs?
@main
struct TrainFromScratch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains vocabularies and small BERTs of several sizes from nothing, and compares them.",
        usage: "TrainFromScratch --sizes 1x64 2x128 --epochs 6 --seed 1")

    /// Layers and width.
    struct Size: ExpressibleByArgument {
        let layers, width: Int

        init?(argument: String) {
            let numbers = argument.split(separator: "x").compactMap { Int($0) }
            guard numbers.count == 2, numbers[0] > 0, numbers[1] >= 32, numbers[1] % 32 == 0 else { return nil }
            (layers, width) = (numbers[0], numbers[1])
        }

        init(_ layers: Int, _ width: Int) { (self.layers, self.width) = (layers, width) }

        var defaultValueDescription: String { "\(layers)x\(width)" }
    }

    @Option(parsing: .upToNextOption, help: "Layers x width (a multiple of 32) of each model.")
    var sizes = [Size(1, 64), Size(2, 128), Size(3, 192)]
    @Option(help: "Scored pairs as CSV; a tenth is held out. Built-in pairs when left out.") var train: String?
    @Option(help: "Passes over the data.") var epochs = 6.0
    @Option(help: "Entries of the vocabulary.") var vocabulary = 2_000
    @Option(help: "Seed of every random draw.") var seed: UInt64 = 42

    func run() throws {
        let (pairs, held) = try train.map {
            try Dataset(contentsOf: URL(fileURLWithPath: $0)).split(testFraction: 0.1, seed: seed)
        } ?? (BuiltInData.scoredPairs(.train), BuiltInData.scoredPairs(.test))
        let words = WordPieceTrainer.vocabulary(from: pairs.columns.flatMap(\.texts), size: vocabulary)
        let tokenizer = WordPieceTokenizer(vocabulary: words, modelMaximumLength: 64)
        let evaluator = try EmbeddingSimilarityEvaluator(held, batchSize: 32)
        var table = TextTable("layers", "width", "parameters", "Spearman before", "after", "seconds")
        for size in sizes {
            let configuration = BertConfiguration(
                vocabularySize: words.count, hiddenSize: size.width, hiddenLayerCount: size.layers,
                attentionHeadCount: size.width / 32, intermediateSize: 2 * size.width, maxPositionEmbeddings: 64)
            let model = SentenceTransformer(
                Transformer(try BertModel(configuration, key: RandomKey(seed)), tokenizer: tokenizer),
                [Pooling(width: size.width), Normalize()])
            let before = try evaluator(model).primaryValue
            let arguments = TrainingArguments(
                numTrainEpochs: epochs, perDeviceTrainBatchSize: 32, learningRate: 2e-3, warmupRatio: 0.1, seed: seed
            ) { $0.saveStrategy = .no }
            let trainer = try Trainer(model, loss: CosineSimilarityLoss(), dataset: pairs, arguments: arguments,
                                      callbacks: [ProgressCallback()])
            let summary = try trainer.train()
            table.addRow("\(size.layers)", "\(size.width)", NumberFormat.grouped(model.parameterCount), NumberFormat.fixed(before),
                         NumberFormat.fixed(try evaluator(model).primaryValue), NumberFormat.fixed(summary[0].value, places: 1))
        }
        print(table)
    }
}
