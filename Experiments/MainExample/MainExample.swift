import ArgumentParser
import ExperimentSupport
import Foundation
import Tapestry

/// What does the page's main example take, with evaluation and saving on the way?
@main
struct MainExample: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on triplets, evaluates and saves on the way, as the page's main example does.",
        usage: """
            MainExample
            MainExample --rows 1600 --dev-rows 500 --every 100
            MainExample --built-in
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "At most so many triplets to evaluate on.") var devRows = 500
    @Option(help: "Steps between two logs, evaluations and checkpoints.") var every = 100
    @Flag(help: "Takes the first rows of the data, not rows drawn at random.") var first = false

    func run() throws {
        let experiment = try Experiment("main-example", options)
        let triplets = try experiment.data.triplets(.train)
        let train = first ? triplets.prefix(options.rows ?? 1600) : experiment.drawn(triplets, atMost: 1600)
        let dev = try experiment.data.triplets(.dev).prefix(devRows)
        let evaluator = try TripletEvaluator(dev, name: "dev")
        let model = try experiment.model()
        let arguments = TrainingArguments(
            outputDir: experiment.output, numTrainEpochs: 1, perDeviceTrainBatchSize: 16, learningRate: experiment.learningRate(),
            warmupRatio: 0.1, seed: options.seed
        ) {
            ($0.perDeviceEvalBatchSize, $0.batchSampler) = (16, .noDuplicates)
            ($0.evalStrategy, $0.evalSteps, $0.loggingSteps) = (.steps, Double(every), Double(every))
            ($0.saveStrategy, $0.saveSteps, $0.saveTotalLimit) = (.steps, Double(every), 2)
        }
        let trainer = try Trainer(
            model, loss: MultipleNegativesRankingLoss(), dataset: train, evalDataset: dev, evaluator: evaluator, arguments: arguments,
            callbacks: [ProgressCallback(unit: "triplets")])
        let seconds = try trainer.train().first { $0.key == "train_runtime" }?.value ?? .nan
        try trainer.saveModel(to: experiment.output + "/model")
        let accuracy = try evaluator(model).primaryValue
        print(
            "train() \(NumberFormat.fixed(seconds, places: 1)) s, \(NumberFormat.fixed(Double(train.rowCount) / seconds, places: 1)) triplets/s, "
                + "accuracy \(NumberFormat.fixed(accuracy, places: 4))")
        var results = ResultsTable("metric", "value")
        results.add("seconds", seconds)
        results.add("dev_cosine_accuracy", accuracy)
        let curve = trainer.state.curve("eval_dev_cosine_accuracy").map { ChartSeries.Point(step: $0.step, value: $0.value) }
        try experiment.report(
            results, plot: LineChart(title: "Triplets", yLabel: "Accuracy, dev", series: [ChartSeries("dev", points: curve)]))
    }
}
