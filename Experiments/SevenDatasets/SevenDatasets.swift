import ArgumentParser
import ExperimentSupport
import Tapestry

/// Can one model learn from seven datasets, each with the loss that fits it?
@main
struct SevenDatasets: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains on seven datasets at once, as the page's multi-dataset example does.",
        usage: """
            SevenDatasets
            SevenDatasets --rows 200
            SevenDatasets --built-in
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Rows a step.") var batchSize = 16

    func run() throws {
        let experiment = try Experiment("seven-datasets", options)
        let data = experiment.data
        let model = try experiment.model()
        func drawn(_ dataset: Dataset) -> Dataset { experiment.drawn(dataset, atMost: 1_000) }
        let classes = drawn(try data.inferencePairs())
        let classCount = Int(classes.labels?.values.max() ?? 0) + 1
        let (mnrl, cosent) = (MultipleNegativesRankingLoss(), CoSENTLoss())
        let softmax = SoftmaxLoss(embeddingDimension: model.embeddingDimension, classCount: classCount)
        let tasks = [
            try TrainingTask(drawn(data.entailedPairs()), name: "all-nli-pair", loss: mnrl),
            try TrainingTask(classes, name: "all-nli-pair-class", loss: softmax),
            try TrainingTask(drawn(data.relatedPairs()), name: "all-nli-pair-score", loss: cosent),
            try TrainingTask(drawn(data.triplets(.train)), name: "all-nli-triplet", loss: mnrl),
            try TrainingTask(drawn(data.scoredPairs(.train)), name: "stsb", loss: cosent),
            try TrainingTask(drawn(data.questionPairs()), name: "quora", loss: mnrl),
            try TrainingTask(drawn(data.titledTexts()), name: "natural-questions", loss: mnrl),
        ]
        let (triplets, scored) = (try data.triplets(.dev).prefix(500), try data.scoredPairs(.dev).prefix(500))
        let evalTasks = [
            try TrainingTask(triplets, name: "all-nli-triplet", loss: mnrl),
            try TrainingTask(scored, name: "stsb", loss: cosent),
        ]
        let evaluator = SequentialEvaluator([
            try TripletEvaluator(triplets, name: "nli"), try EmbeddingSimilarityEvaluator(scored, name: "stsb"),
        ])
        let arguments = TrainingArguments(
            outputDir: experiment.output, numTrainEpochs: 1, perDeviceTrainBatchSize: batchSize, learningRate: experiment.learningRate(),
            warmupRatio: 0.1, seed: options.seed
        ) {
            ($0.batchSampler, $0.multiDatasetBatchSampler, $0.saveStrategy) = (.noDuplicates, MultiDatasetBatchSamplers.proportional, .no)
            ($0.evalStrategy, $0.evalSteps, $0.loggingSteps) = (.steps, 0.25, 0.25)
        }
        let trainer = try Trainer(
            model, tasks: tasks, evalTasks: evalTasks, evaluator: evaluator, arguments: arguments,
            callbacks: [ProgressCallback(unit: "rows")])
        let before = try trainer.evaluate()
        let seconds = try trainer.train().first { $0.key == "train_runtime" }?.value ?? .nan
        let after = try trainer.evaluate()

        var results = ResultsTable("metric", "before", "after")
        for metric in before where metric.key.contains("cosine") || metric.key.hasSuffix("_loss") {
            results.add(metric.key, metric.value, after.first { $0.key == metric.key }?.value ?? .nan)
        }
        results.add("seconds", 0.0, seconds)
        let curves = evalTasks.map { task in
            ChartSeries(task.name, points: trainer.state.curve("eval_\(task.name)_loss").map { .init(step: $0.step, value: $0.value) })
        }
        try experiment.report(results, plot: LineChart(title: "Seven datasets", yLabel: "Loss, dev", series: curves))
    }
}
