import ArgumentParser
import ExperimentSupport
import Tapestry

/// How large must a BERT be that learns from random weights on a few thousand pairs?
@main
struct TrainFromScratch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains vocabularies and small BERTs of several sizes from nothing, and compares them.",
        usage: """
            TrainFromScratch
            TrainFromScratch --sizes 1x64 4x256 --epochs 10 --vocabulary 6000 --seed 1
            TrainFromScratch --built-in
            """)

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

    @OptionGroup var options: ExperimentOptions
    @Option(parsing: .upToNextOption, help: "Layers x width (a multiple of 32) of each model.")
    var sizes = [Size(1, 64), Size(2, 128), Size(3, 192)]
    @Option(help: "Passes over the data.") var epochs = 6.0
    @Option(help: "Entries of the vocabulary.") var vocabulary = 2_000

    func validate() throws {
        if options.model != nil { throw ValidationError("models are made from nothing here; leave out --model") }
    }

    func run() throws {
        let experiment = try Experiment("train-from-scratch", options)
        let pairs = experiment.drawn(try experiment.data.scoredPairs(.train), atMost: .max)
        let test = try experiment.data.scoredPairs(.test)
        let words = WordPieceTrainer.vocabulary(from: pairs.columns.flatMap(\.texts), size: vocabulary)
        let tokenizer = WordPieceTokenizer(vocabulary: words, modelMaximumLength: 64)
        var results = ResultsTable("layers", "width", "parameters", "Spearman before", "after", "seconds")
        var curves: [ChartSeries] = []
        for size in sizes {
            let configuration = EncoderConfiguration(
                vocabularySize: words.count, hiddenSize: size.width, hiddenLayerCount: size.layers,
                attentionHeadCount: size.width / 32, intermediateSize: 2 * size.width, maxPositionEmbeddings: 64)
            let model = SentenceTransformer(
                Transformer(configuration.encoder(key: RandomKey(experiment.seed)), tokenizer: tokenizer),
                [Pooling(width: size.width), Normalize()])
            let before = spearman(model, test)
            let curve = try experiment.train(
                model, CosineSimilarityLoss(), on: pairs, epochs: epochs, learningRate: options.learningRate ?? 2e-3,
                evaluator: experiment.data.evaluator())
            results.add(size.layers, size.width, model.parameterCount, before, spearman(model, test), curve.seconds)
            curves.append(ChartSeries(size.defaultValueDescription, points: curve.points))
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while training from random weights", yLabel: "Spearman, dev", series: curves))
    }
}
