import ArgumentParser
import ExperimentSupport
import Tapestry

/// Are sentence embeddings better learned by classifying pairs of sentences, or by ranking them?
@main
struct ClassifyNLI: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Natural language inference with SoftmaxLoss against MultipleNegativesRankingLoss.",
        usage: """
            ClassifyNLI
            ClassifyNLI --layers 6 --rows 9000 --epochs 2
            ClassifyNLI --built-in
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Layers of the model that are kept; half of them when left out, so that there is something to learn.")
    var layers: Int?
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Rows a step.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("classify-nli", options)
        let data = experiment.data
        let width = try experiment.model().embeddingDimension
        let classes = experiment.drawn(try data.inferencePairs(), atMost: 6_000)
        let classCount = Int(classes.labels?.values.max() ?? 0) + 1
        let triplets = experiment.drawn(try data.triplets(.train), atMost: 6_000)
        let rate = experiment.learningRate(usual: 5e-5)
        let runs: [(name: String, loss: any Loss, dataset: Dataset, sampler: BatchSamplers)] = [
            ("SoftmaxLoss", SoftmaxLoss(embeddingDimension: width, classCount: classCount), classes, .batchSampler),
            (
                "MultipleNegativesRanking, pairs", MultipleNegativesRankingLoss(),
                try triplets.selectColumns(["anchor", "positive"]), .noDuplicates
            ),
            ("MultipleNegativesRanking, triplets", MultipleNegativesRankingLoss(), triplets, .noDuplicates),
        ]
        let held = try TripletEvaluator(data.triplets(.dev), batchSize: 32)
        let test = try data.scoredPairs(.test)

        var results = ResultsTable("training", "triplets right", "STS test", "seconds")
        let start = try experiment.student(layers: layers)
        results.add("none", try held(start).primaryValue, spearman(start, test), 0.0)
        var curves: [ChartSeries] = []
        for run in runs {
            let model = try experiment.student(layers: layers)
            let curve = try experiment.train(
                model, run.loss, on: run.dataset, epochs: epochs, batchSize: batchSize, learningRate: rate, sampler: run.sampler,
                evaluator: data.evaluator())
            results.add(run.name, try held(model).primaryValue, spearman(model, test), curve.seconds)
            curves.append(ChartSeries(run.name, points: curve.points))
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while training on natural language inference", yLabel: "Spearman, dev", series: curves))
    }
}
