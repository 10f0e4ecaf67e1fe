import ArgumentParser
import ExperimentSupport
import Tapestry

/// Does a teacher's margin between two sentences teach a small model more than which of the two is right?
@main
struct MarginMSE: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Triplets with a teacher's margins (MarginMSELoss) against the same triplets without a teacher.",
        usage: """
            MarginMSE
            MarginMSE --layers 2 --rows 8000 --epochs 2
            MarginMSE --built-in
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Layers of the student; half of the teacher's when left out.") var layers: Int?
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Triplets a step.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("margin-mse", options)
        let data = experiment.data
        let teacher = try experiment.model()
        let triplets = experiment.drawn(try data.triplets(.train), atMost: 5_000)
        let (a, p, n) = (
            teacher.encode(triplets.columns[0].texts), teacher.encode(triplets.columns[1].texts),
            teacher.encode(triplets.columns[2].texts)
        )
        let margins = pairwiseCosineSimilarity(a, p) - pairwiseCosineSimilarity(a, n)  // [N]
        let taught = try Dataset(columns: triplets.columns, labels: Dataset.Column(values: margins.values, areIntegers: false))
        let runs: [(name: String, loss: (any Loss)?, dataset: Dataset)] = [
            ("none", nil, triplets), ("MarginMSE, teacher's margins", MarginMSELoss(similarity: .cosine), taught),
            ("Triplet, no teacher", TripletLoss(distanceMetric: .cosine, margin: 0.5), triplets),
            ("MultipleNegativesRanking, no teacher", MultipleNegativesRankingLoss(), triplets),
        ]
        let held = try TripletEvaluator(data.triplets(.dev), batchSize: 32)
        let test = try data.scoredPairs(.test)

        var results = ResultsTable("student learned by", "triplets right", "STS test", "seconds")
        var curves: [ChartSeries] = []
        for run in runs {
            let student = try experiment.student(layers: layers)
            var curve: TrainingCurve?
            if let loss = run.loss {
                curve = try experiment.train(
                    student, loss, on: run.dataset, epochs: epochs, batchSize: batchSize,
                    learningRate: experiment.learningRate(usual: 1e-4), sampler: .noDuplicates, evaluator: data.evaluator())
                curves.append(ChartSeries(run.name, points: curve!.points))
            }
            results.add(run.name, try held(student).primaryValue, spearman(student, test), curve?.seconds ?? 0)
        }
        results.add("(the teacher)", try held(teacher).primaryValue, spearman(teacher, test), 0.0)
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while a student learns from triplets", yLabel: "Spearman, dev", series: curves))
    }
}
