import ArgumentParser
import ExperimentSupport
import Tapestry

/// How much does one epoch on scored pairs improve a sentence encoder?
@main
struct TrainSTS: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Fine-tunes a model on the scored pairs of STS benchmark.",
        usage: """
            TrainSTS
            TrainSTS --model models/minilm --data data --loss CosineSimilarityLoss --epochs 2
            TrainSTS --built-in --epochs 4
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "A loss of scored pairs.") var loss = "CoSENTLoss"
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Pairs a step.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("train-sts", options)
        let pairs = experiment.drawn(try experiment.data.scoredPairs(.train), atMost: .max)
        let splits: [ExperimentData.Split] = experiment.data.isBuiltIn ? [.test] : [.dev, .test]
        let evaluators = try splits.map {
            try EmbeddingSimilarityEvaluator(experiment.data.scoredPairs($0), name: $0.rawValue, batchSize: 32)
        }
        let model = try experiment.model()
        let before = try evaluators.flatMap { try $0(model).metrics }
        let curve = try experiment.train(
            model, LossCatalog.loss(named: loss), on: pairs, epochs: epochs,
            batchSize: batchSize, evaluator: experiment.data.evaluator())
        let after = try evaluators.flatMap { try $0(model).metrics }
        var results = ResultsTable("metric", "before", "after")
        for (old, new) in zip(before, after) { results.add(old.key, old.value, new.value) }
        try experiment.save(model)
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while training with \(loss)", yLabel: "Spearman, dev", series: [ChartSeries(loss, points: curve.points)]))
    }
}
