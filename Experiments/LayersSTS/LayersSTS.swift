import ArgumentParser
import ExperimentSupport
import Tapestry

/// How many of its layers can a model do without, once it was trained to?
@main
struct LayersSTS: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Spearman with the first layers only: untrained, and trained plainly, with AdaptiveLayer, with Matryoshka2d.",
        usage: """
            LayersSTS
            LayersSTS --loss CosineSimilarityLoss --dimensions 384 64 --epochs 2
            LayersSTS --layers-per-step -1 --rows 2000
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "A loss of scored pairs.") var loss = "CosineSimilarityLoss"
    @Option(parsing: .upToNextOption, help: "Dimensions to train and evaluate; by default the full one and a sixth of it.")
    var dimensions: [Int] = []
    @Option(help: "Layers below the last that a step draws; -1: all.") var layersPerStep = 1
    @Option(help: "Passes over the data.") var epochs = 1.0

    func run() throws {
        let experiment = try Experiment("layers-sts", options)
        let pairs = experiment.drawn(try experiment.data.scoredPairs(.train), atMost: 5_749)
        let test = try experiment.data.scoredPairs(.test)
        let start = try experiment.model()
        let width = start.embeddingDimension, layerCount = start.layerCount
        let dimensions = (self.dimensions.isEmpty ? [width, width / 6] : self.dimensions).sorted(by: >)
        let inner = try LossCatalog.loss(named: loss)

        let losses: [(name: String, loss: (any Loss)?)] = [
            ("untrained", nil), (inner.name, inner),
            ("AdaptiveLayer", AdaptiveLayer(inner, layersPerStep: layersPerStep)),
            ("Matryoshka2d", Matryoshka2dLoss(inner, dimensions: dimensions, layersPerStep: layersPerStep)),
        ]
        var figures: [[[Double]]] = []  // [loss][layer][dimension]
        for (_, loss) in losses {
            let model = try experiment.model()
            if let loss { try experiment.train(model, loss, on: pairs, epochs: epochs) }
            figures.append((1...layerCount).map { spearman(model.truncated(toLayers: $0), test, dimensions: dimensions) })
        }

        var results = ResultsTable(["dimensions", "layers"] + losses.map(\.name))
        for (column, dimension) in dimensions.enumerated() {
            for layer in 0..<layerCount { results.add([dimension, layer + 1] + figures.map { $0[layer][column] }) }
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS by the model's first layers, \(dimensions[0]) dimensions", xLabel: "layers", yLabel: "Spearman, test",
                series: zip(losses, figures).map { loss, rows in
                    ChartSeries(loss.name, points: rows.enumerated().map { .init(step: $0 + 1, value: $1[0]) })
                }))
    }
}
