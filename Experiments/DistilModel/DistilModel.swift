import ArgumentParser
import ExperimentSupport
import Tapestry

/// How close does a model of fewer layers come to the whole one by learning its embeddings?
@main
struct DistilModel: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Distils a model into its own first layers, by MSE, by cosine and by distance.",
        usage: """
            DistilModel
            DistilModel --layers 2 --epochs 3 --rows 10000
            DistilModel --model models/minilm --learning-rate 2e-4
            """)

    @OptionGroup var options: ExperimentOptions
    @Option(help: "Layers of the student; half of the teacher's when left out.") var layers: Int?
    @Option(help: "Passes over the data.") var epochs = 1.0
    @Option(help: "Sentences a step.") var batchSize = 32

    func run() throws {
        let experiment = try Experiment("distil-model", options)
        let teacher = try experiment.model()
        let test = try experiment.data.scoredPairs(.test)
        let texts = try Dataset(["text": experiment.data.sentences()])
        let sentences = experiment.drawn(texts, atMost: 8_000).columns[0].texts
        let targets = teacher.encode(sentences)  // [N, D]
        let lessons = try Dataset(
            columns: [.init(name: "text", texts: sentences)],
            labels: Dataset.Column(values: targets.values, rowShape: [teacher.embeddingDimension], areIntegers: false))
        let losses: [(name: String, loss: (any Loss)?)] = [
            ("none", nil), ("MSE", MSELoss()), ("EmbedDistill, cosine", EmbedDistillLoss(distanceMetric: .cosine)),
            ("EmbedDistill, l2", EmbedDistillLoss(distanceMetric: .l2)),
        ]

        var results = ResultsTable("student learned by", "layers", "parameters", "like the teacher", "STS test", "seconds")
        func add(_ name: String, _ model: SentenceTransformer, seconds: Double) {
            let sentences = test.columns[0].texts
            let likeness = pairwiseCosineSimilarity(model.encode(sentences), teacher.encode(sentences)).mean().item
            results.add(name, model.layerCount, model.parameterCount, likeness, spearman(model, test), seconds)
        }
        var curves: [ChartSeries] = []
        for (name, loss) in losses {
            let student = try experiment.student(layers: layers)
            guard let loss else {
                add(name, student, seconds: 0)
                continue
            }
            let curve = try experiment.train(
                student, loss, on: lessons, epochs: epochs, batchSize: batchSize,
                learningRate: experiment.learningRate(usual: 1e-4), evaluator: experiment.data.evaluator())
            add(name, student, seconds: curve.seconds)
            curves.append(ChartSeries(name, points: curve.points))
        }
        add("(the teacher)", teacher, seconds: 0)
        try experiment.report(
            results,
            plot: LineChart(
                title: "STS while a student learns its teacher's embeddings", yLabel: "Spearman, dev", series: curves))
    }
}
