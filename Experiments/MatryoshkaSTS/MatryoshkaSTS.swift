import ArgumentParser
import ExperimentSupport
import Tapestry

/// How much of its embeddings can a model do without, once it was trained with Matryoshka?
@main
struct MatryoshkaSTS: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Spearman at each dimension: untrained, trained plainly, and trained with Matryoshka.",
        usage: """
            MatryoshkaSTS
            MatryoshkaSTS --loss CoSENTLoss --dimensions 384 64 16 --epochs 2
            MatryoshkaSTS --model models/minilm --data data --output results/first-try
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "A loss of scored pairs.") var loss = "CosineSimilarityLoss"
    @Option(parsing: .upToNextOption, help: "Dimensions to train and evaluate; by default the full one and halves down to 16.")
    var dimensions: [Int] = []
    @Option(help: "Passes over the data.") var epochs = 1.0

    func run() throws {
        let experiment = try Experiment("matryoshka-sts", options)
        let pairs = experiment.drawn(try experiment.data.scoredPairs(.train), atMost: 5_749)
        let test = try experiment.data.scoredPairs(.test)
        let width = try experiment.model().embeddingDimension
        let usual = [width] + [256, 128, 64, 32, 16].filter { $0 < width }
        let dimensions = (self.dimensions.isEmpty ? usual : self.dimensions).sorted(by: >)
        let inner = try LossCatalog.loss(named: loss)

        let losses: [(name: String, loss: (any Loss)?)] = [
            ("untrained", nil), (inner.name, inner), ("Matryoshka(\(inner.name))", Matryoshka(inner, dimensions: dimensions)),
        ]
        var curves: [[Double]] = []
        for (_, loss) in losses {
            let model = try experiment.model()
            if let loss { try experiment.train(model, loss, on: pairs, epochs: epochs) }
            curves.append(spearman(model, test, dimensions: dimensions))
        }

        var results = ResultsTable(
            ["dimensions"] + losses.map(\.name) + ["untrained", "plainly", "with Matryoshka"].map { "\($0): kept, %" })
        for (row, dimension) in dimensions.enumerated() {
            results.add([dimension] + curves.map { $0[row] } + curves.map { 100 * $0[row] / $0[0] })
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS by the first numbers of each embedding", xLabel: "dimensions", yLabel: "Spearman, test",
                series: zip(losses, curves).map { loss, curve in
                    ChartSeries(loss.name, points: zip(dimensions, curve).map { .init(step: $0, value: $1) })
                }))
    }
}
