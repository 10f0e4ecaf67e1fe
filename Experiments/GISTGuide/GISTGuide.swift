import ArgumentParser
import ExperimentSupport
import Tapestry

/// Does a guide that finds false negatives help a small model?
@main
struct GISTGuide: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "GISTEmbedLoss with the whole model as guide of a part of it, against MultipleNegativesRankingLoss.",
        usage: """
            GISTGuide
            GISTGuide --layers 2 --batch-size 128 --margin 0.1 --epochs 2
            GISTGuide --model models/minilm --guide models/another
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Model directory of the guide; the model itself, with all of its layers, when left out.") var guide: String?
    @Option(help: "Layers of the model that is trained; half of them when left out.") var layers: Int?
    @Option(help: "How much nearer than the positive a candidate must be, to the guide, to be no negative.") var margin = 0.0
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Pairs a step: the more, the more false negatives.") var batchSize = 64

    func run() throws {
        let experiment = try Experiment("gist-guide", options)
        let data = experiment.data
        let pairs = experiment.drawn(try data.entailedPairs(), atMost: 6_000)
        let guide = try self.guide.map { try SentenceTransformer($0) } ?? experiment.model()
        // One temperature for both, so that they differ in the guide alone.
        let temperature = 0.05
        let losses: [(name: String, loss: (any Loss)?)] = [
            ("none", nil), ("MultipleNegativesRanking", MultipleNegativesRankingLoss(scale: 1 / temperature)),
            ("GISTEmbed", GISTEmbedLoss(guide: guide, temperature: temperature, margin: margin)),
            (
                "GISTEmbed, anchors against positives only",
                GISTEmbedLoss(
                    guide: guide, temperature: temperature, margin: margin, contrastsAnchors: false, contrastsPositives: false)
            ),
        ]
        let held = try TripletEvaluator(data.triplets(.dev), batchSize: 32)
        let test = try data.scoredPairs(.test)

        var results = ResultsTable("training", "triplets right", "STS test", "seconds")
        var curves: [ChartSeries] = []
        for (name, loss) in losses {
            let model = try experiment.student(layers: layers)
            var curve: TrainingCurve?
            if let loss {
                curve = try experiment.train(
                    model, loss, on: pairs, epochs: epochs, batchSize: batchSize,
                    learningRate: experiment.learningRate(usual: 5e-5), sampler: .noDuplicates, evaluator: data.evaluator())
                curves.append(ChartSeries(name, points: curve!.points))
            }
            results.add(name, try held(model).primaryValue, spearman(model, test), curve?.seconds ?? 0)
        }
        results.add("(the guide)", try held(guide).primaryValue, spearman(guide, test), 0.0)
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while training with a guide and without", yLabel: "Spearman, dev", series: curves))
    }
}
