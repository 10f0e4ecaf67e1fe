import ArgumentParser
import ExperimentSupport
import Tapestry

/// What can a model learn from sentences alone, without a single label?
@main
struct Unsupervised: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "SimCSE, contrastive tension and denoising on plain sentences, judged by STS benchmark.",
        usage: """
            Unsupervised
            Unsupervised --methods simcse tsdae --rows 10000 --layers 6
            Unsupervised --built-in
            """)

    enum Method: String, ExpressibleByArgument, CaseIterable {
        case simcse, ct, ctInBatch = "ct-in-batch", tsdae

        var title: String {
            switch self {
            case .simcse: "SimCSE"
            case .ct: "ContrastiveTension"
            case .ctInBatch: "ContrastiveTension in batch"
            case .tsdae: "DenoisingAutoEncoder"
            }
        }
    }

    @OptionGroup var options: ExperimentOptions
    @Option(parsing: .upToNextOption, help: "simcse, ct, ct-in-batch, tsdae.") var methods = Method.allCases
    @Option(help: "Layers of the model that are kept; half of them when left out, so that there is something to learn.")
    var layers: Int?
    @Option(help: "Passes over the sentences.") var epochs = 1.0
    @Option(help: "Rows a step; a multiple of 8 for ct.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("unsupervised", options)
        let data = experiment.data
        let texts = experiment.drawn(try Dataset(["sentence": data.sentences()]), atMost: 6_000)
        let dev = try data.scoredPairs(.dev), test = try data.scoredPairs(.test)
        var results = ResultsTable("training", "STS dev", "STS test", "seconds")
        let start = try experiment.student(layers: layers)
        results.add("none", spearman(start, dev), spearman(start, test), 0.0)
        var curves: [ChartSeries] = []
        for method in methods {
            let model = try experiment.student(layers: layers)
            let curve = try train(model, by: method, on: texts, experiment)
            results.add(method.title, curve.last, spearman(model, test), curve.seconds)
            curves.append(ChartSeries(method.title, points: curve.points))
        }
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while training on plain sentences", yLabel: "Spearman, dev", series: curves))
    }

    private func train(
        _ model: SentenceTransformer, by method: Method, on texts: Dataset, _ experiment: Experiment
    ) throws -> TrainingCurve {
        let sentences = Array(texts.columns[0].texts)
        func train(
            _ objective: any SentenceObjective, on rows: any EpochwiseDataset, sampler: BatchSamplers = .batchSampler
        ) throws -> TrainingCurve {
            try experiment.train(
                model, objective, on: rows, epochs: epochs, batchSize: batchSize, sampler: sampler,
                evaluator: experiment.data.evaluator())
        }
        switch method {
        case .simcse:
            // A sentence and itself: dropout makes two embeddings of it.
            let twice = try Dataset(["sentence": sentences, "again": sentences])
            return try train(LossObjective(MultipleNegativesRankingLoss()), on: twice)
        case .ct:
            let pairs = try ContrastiveTensionDataLoader(sentences: sentences, batchSize: batchSize, seed: experiment.seed)
            return try train(ContrastiveTensionLoss(model: model), on: pairs)
        case .ctInBatch:
            return try train(ContrastiveTensionLossInBatchNegatives(model: model), on: texts, sampler: .noDuplicates)
        case .tsdae:
            let damaged = DenoisingAutoEncoderDataset(sentences, seed: experiment.seed)
            return try train(DenoisingAutoEncoderLoss(model: model), on: damaged)
        }
    }
}
