import ArgumentParser
import ExperimentSupport
import Tapestry

/// Which choice of triplets in a batch sorts questions best by the type of their answer?
@main
struct QuestionTypes: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on labeled texts with each of the batch triplet losses, and looks at nearest neighbors.",
        usage: """
            QuestionTypes
            QuestionTypes --losses BatchHardTripletLoss BatchAllTripletLoss --epochs 3 --batch-size 64
            QuestionTypes --built-in
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(parsing: .upToNextOption, help: "Losses of single texts and classes.")
    var losses = ["BatchAllTripletLoss", "BatchHardTripletLoss", "BatchHardSoftMarginTripletLoss", "BatchSemiHardTripletLoss"]
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Texts a step; even, since two of a label come together.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("question-types", options)
        let train = experiment.drawn(try experiment.data.labeledTexts(.train), atMost: 5_382)
        let test = try experiment.data.labeledTexts(.test)
        let evaluator = NearestNeighborEvaluator(test, among: train)
        var results = ResultsTable("loss", "right before", "right after", "seconds")
        var curves: [ChartSeries] = []
        for name in losses {
            let curve = try experiment.train(
                experiment.model(), LossCatalog.loss(named: name), on: train, epochs: epochs, batchSize: batchSize,
                sampler: .groupByLabel, evaluator: evaluator)
            results.add(name, curve.points[0].value, curve.last, curve.seconds)
            curves.append(ChartSeries(name, points: curve.points))
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "Questions whose nearest neighbor is of their type", yLabel: "share of the test questions", series: curves))
    }
}
