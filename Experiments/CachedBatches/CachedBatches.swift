import ArgumentParser
import ExperimentSupport
import Tapestry

/// What do large batches cost, and what do they bring, with the embeddings cached and without?
@main
struct CachedBatches: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Time, peak memory and accuracy of ranking with small, large, and large cached batches.",
        usage: """
            CachedBatches
            CachedBatches --batch-sizes 32 256 1024 --mini-batch-size 64 --rows 8192
            CachedBatches --built-in
            """)

    enum Kind: String, ExpressibleByArgument { case plain, cached }

    @OptionGroup var options: ExperimentOptions
    @Option(parsing: .upToNextOption, help: "Pairs a step, from the smallest, which is not cached.")
    var batchSizes = [32, 256, 1024]
    @Option(help: "Sequences that the cached loss embeds together.") var miniBatchSize = 32
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: .hidden) var measure: Kind?

    func run() throws {
        let experiment = try Experiment("cached-batches", options)
        if let measure { return print(try figures(measure, experiment).map { "\($0)" }.joined(separator: " ")) }
        let runs = batchSizes.enumerated().flatMap { index, size in
            (index == 0 ? [Kind.plain] : [.plain, .cached]).map { (kind: $0, size: size) }
        }
        var results = ResultsTable(
            "loss", "batch size", "seconds", "peak memory, MiB", "memory over the first", "triplets right", "STS test")
        var memory: [Kind: [ChartSeries.Point]] = [:]
        var first: Double?
        for (kind, size) in runs {
            let figures = try figuresOfAnotherProcess(arguments(kind, size))
            guard figures.count == 4 else { throw ValidationError("the run of batch size \(size) gave no figures") }
            first = first ?? figures[1]
            let name = kind == .plain ? "MultipleNegativesRanking" : "Cached, \(miniBatchSize) at a time"
            results.add(name, size, figures[0], figures[1], figures[1] / first!, figures[2], figures[3])
            memory[kind, default: []].append(.init(step: size, value: figures[1]))
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "Memory by the size of batches", xLabel: "pairs a batch", yLabel: "peak memory, MiB",
                series: [("plain", Kind.plain), ("cached", .cached)].map { ChartSeries($0, points: memory[$1] ?? []) }))
    }

    /// The same experiment, one batch size in a process of its own.
    private func arguments(_ kind: Kind, _ size: Int) -> [String] {
        var arguments = [
            "--measure", kind.rawValue, "--batch-sizes", "\(size)", "--mini-batch-size", "\(miniBatchSize)",
            "--epochs", "\(epochs)", "--seed", "\(options.seed)",
        ]
        if options.builtIn { arguments.append("--built-in") }
        let others = [
            ("model", options.model), ("data", options.data), ("output", options.output),
            ("rows", options.rows.map(String.init)), ("learning-rate", options.learningRate.map { "\($0)" }),
        ]
        for (name, value) in others { if let value { arguments += ["--\(name)", value] } }
        return arguments
    }

    /// Seconds, peak memory in MiB, share of triplets that are right, Spearman.
    private func figures(_ kind: Kind, _ experiment: Experiment) throws -> [Double] {
        let size = batchSizes[0]
        let pairs = experiment.drawn(try experiment.data.entailedPairs(), atMost: 4_096)
        let loss = MultipleNegativesRankingLoss()
        let objective: any SentenceObjective = kind == .plain ? LossObjective(loss) : Cached(loss, miniBatchSize: miniBatchSize)
        let model = try experiment.model()
        // Fewer steps, each by more pairs: as usual the rate grows with the root of the batch size.
        let rate = experiment.learningRate() * (Double(size) / 32).squareRoot()
        let curve = try experiment.train(
            model, objective, on: pairs, epochs: epochs, batchSize: size, learningRate: rate,
            sampler: .noDuplicates)
        let peak = peakMemory() ?? .nan
        let triplets = try TripletEvaluator(experiment.data.triplets(.dev), batchSize: 32)
        return [curve.seconds, peak, try triplets(model).primaryValue, spearman(model, try experiment.data.scoredPairs(.test))]
    }
}
