import ArgumentParser
import Foundation
import Tapestry

/// How much of a large encoder's sense of meaning fits into four megabytes?
@main
struct DistilBuiltIn: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Distils all-MiniLM-L6-v2 into the small encoder that comes with this library.",
        usage: "DistilBuiltIn --teacher models/minilm --data data --output results/distil-built-in")

    @Option(help: "Model directory of the teacher.") var teacher = "models/minilm"
    @Option(help: "Folder with nli/, tatoeba/ and stsb/.") var data = "data"
    @Option(help: "Entries of the student's vocabulary.") var vocabulary = 9_000
    @Option(help: "Width of the student, a multiple of 32.") var width = 128
    @Option(help: "Layers of the student.") var layers = 2
    @Option(help: "Width inside the student's feed-forward networks.") var intermediate = 256
    @Option(help: "Longest input of the student, in tokens.") var length = 128
    @Option(help: "Variations of the sentences, beside the sentences themselves.") var variations = 2_400
    @Option(help: "Weight of the cosines between texts, beside each text's own direction.") var weight = 1.0
    @Option(help: "Passes over all texts.") var epochs = 3.0
    @Option(help: "Texts a step.") var batchSize = 64
    @Option(help: "Largest learning rate.") var learningRate = 2e-3
    @Option(help: "Seed of every random draw.") var seed: UInt64 = 42
    @Flag(help: "Measures the test split at the end: when everything is chosen.") var test = false
    @Option(help: "Threads to compute with.") var threads = Parallel.threadCount
    @Option(help: "Folder for the model, and for the teacher's embeddings.") var output = "results/distil-built-in"

    func run() throws {
        Parallel.threadCount = threads
        let dev = try dataset("stsb/stsb-en-dev.csv"), held = try dataset("stsb/stsb-en-test.csv")
        let files =
            ["snli-dev", "snli-test-part1", "cad-train", "cad-dev"].map { "nli/\($0).csv" }
            + ["deu", "fra", "spa", "jpn", "ara"].map { "tatoeba/eng-\($0).csv" }
        let corpus = try Corpus(files: files.map(url), without: (dev.columns + held.columns).flatMap(\.texts))
        let large = try SentenceTransformer(teacher)
        let texts = corpus.varied(words: Student.words(of: large.tokenizer), count: variations, seed: seed)
        print("\(corpus.sentences.count) sentences, \(texts.count) texts with their variations")
        let vectors = try Teaching(large, folder: URL(fileURLWithPath: output + "-teacher")).embeddings(of: texts)
        let components = PrincipalComponents(of: vectors.sliced(0..<corpus.sentences.count), count: width, seed: seed)
        let targets = components(vectors).normalized()  // [M, D]
        let student = try Student(
            of: large, sentences: corpus.sentences, vocabularySize: vocabulary, components: components, layers: layers,
            intermediate: intermediate, length: length, seed: seed)
        let model = student.model
        let onDev = try EmbeddingSimilarityEvaluator(dev, name: "dev", batchSize: 64)
        print("\(model.input.summary): \(NumberFormat.grouped(model.parameterCount)) parameters")
        var table = TextTable("model", "data", "Spearman")
        table.addRow("student before training", "dev", NumberFormat.fixed(try onDev(model).primaryValue))

        let labels = try Dataset.Column(values: targets.values, rowShape: [width], areIntegers: false)
        let train = try Dataset(columns: [.init(name: "text", texts: texts)], labels: labels)
        let arguments = TrainingArguments(
            outputDir: output, numTrainEpochs: epochs, perDeviceTrainBatchSize: batchSize, learningRate: learningRate,
            warmupRatio: 0.05, seed: seed
        ) {
            $0.lrSchedulerType = .cosine
            $0.evalStrategy = .epoch
            $0.saveStrategy = .epoch
            $0.saveTotalLimit = 1
            $0.loggingSteps = 100
        }
        let trainer = try Trainer(
            model, loss: DistillationLoss(weight: weight), dataset: train, evaluator: onDev,
            arguments: arguments, callbacks: [ProgressCallback(unit: "texts")])
        try trainer.train()
        try AtomicDirectory.replaceDirectory(at: URL(fileURLWithPath: output), allowingExisting: true) { folder in
            try model.write(to: folder)
            try Self.finish(folder)
        }
        let models = [("teacher", large), ("student", try SentenceTransformer(output))]
        let onTest = try EmbeddingSimilarityEvaluator(held, name: "test", batchSize: 64)
        for (data, evaluator) in [("dev", onDev)] + (test ? [("test", onTest)] : []) {
            for (name, model) in models { table.addRow(name, data, NumberFormat.fixed(try evaluator(model).primaryValue)) }
        }
        print(table)
        print("The model is in \(output)")
    }

    private func url(_ path: String) -> URL { URL(fileURLWithPath: data).appendingPathComponent(path) }
    private func dataset(_ path: String) throws -> Dataset { try Dataset(contentsOf: url(path)) }

    /// Writes a model's weights with 16 bits a number; and the usual dropout, which distillation did without, for
    /// whoever trains it further.
    private static func finish(_ folder: URL) throws {
        let url = folder.appendingPathComponent("model.safetensors")
        let file = try SafetensorsFile(contentsOf: url)
        try SafetensorsWriter.write(try file.names.map { SafetensorsTensor(name: $0, float16: try file.tensor($0)) }, to: url)
        var configuration = try EncoderConfiguration.read(fromFolder: folder)
        (configuration.hiddenDropout, configuration.attentionDropout) = (0.1, 0.1)
        try configuration.write(toFolder: folder)
    }
}
