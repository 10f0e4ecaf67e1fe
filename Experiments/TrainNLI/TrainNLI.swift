import ArgumentParser
import ExperimentSupport
import Tapestry

/// Does ranking among in-batch negatives teach an encoder to tell entailment from contradiction?
@main
struct TrainNLI: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on triplets with MultipleNegativesRankingLoss and no text twice in a batch.",
        usage: """
            TrainNLI
            TrainNLI --model models/minilm --data data --batch-size 128 --rows 8000
            TrainNLI --built-in --epochs 4
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Triplets a step; the more, the more negatives.") var batchSize = 64

    func run() throws {
        let experiment = try Experiment("train-nli", options)
        let triplets = experiment.drawn(try experiment.data.triplets(.train), atMost: .max)
        let evaluators: [any Evaluator<SentenceTransformer>] = [
            try TripletEvaluator(experiment.data.triplets(.dev), name: "dev", batchSize: 32),
            try EmbeddingSimilarityEvaluator(experiment.data.scoredPairs(.test), name: "sts", batchSize: 32),
        ]
        let model = try experiment.model()
        let before = try evaluators.flatMap { try $0(model).metrics }
        let curve = try experiment.train(
            model, MultipleNegativesRankingLoss(), on: triplets, epochs: epochs, batchSize: batchSize,
            sampler: .noDuplicates, evaluator: experiment.data.evaluator())
        let after = try evaluators.flatMap { try $0(model).metrics }
        var results = ResultsTable("metric", "before", "after")
        for (old, new) in zip(before, after) { results.add(old.key, old.value, new.value) }
        try experiment.save(model)
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while ranking triplets", yLabel: "Spearman, dev", series: [ChartSeries("STS dev", points: curve.points)]))
    }
}
