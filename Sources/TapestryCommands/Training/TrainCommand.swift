import ArgumentParser
import Foundation
import Tapestry

struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Fine-tunes a model on files of texts.",
        discussion: """
            Columns: all columns are the inputs of the loss, in their order, but the first of label, labels, score and \
            scores, which is the label. --columns and --label choose others, or another order.

            Examples:
              \(program) train --model models/minilm --train train.csv --loss CoSENTLoss --eval dev.csv \\
                --output models/mine --epochs 1 --batch-size 32 --learning-rate 2e-5 --warmup-ratio 0.1 --seed 42
              \(program) train --model models/minilm --train pairs.jsonl --output models/mine \\
                --loss CachedMultipleNegativesRankingLoss --loss-options '{"scale": 30, "mini_batch_size": 64}' --batch-size 1024
              \(program) train --train quora.tsv --columns question,duplicate,other --loss TripletLoss --output models/mine
              \(program) train --config run.yaml --epochs 2
              \(program) train --config run.yaml --resume

            run.yaml holds the same keys (flags win), and any training argument by its usual name:
              model: models/minilm
              train: train.csv
              loss: MatryoshkaLoss
              loss_options: {matryoshka_dims: [384, 128, 64], loss: MultipleNegativesRankingLoss}
              output: models/mine
              batch-size: 64
              batch_sampler: no_duplicates
              eval_strategy: steps
              model_card: {license: apache-2.0, language: en}

            Several datasets, each with a loss of its own, in place of train and loss:
              datasets:
                nli: {file: nli.csv, loss: MultipleNegativesRankingLoss, prompts: "query: ", weight: 2}
                sts: {file: sts.csv, loss: CoSENTLoss, eval: dev.csv, eval_dataset: dev.csv}
            """)

    @Option(help: "Model directory or name of the hub to start from; the built-in model when left out.") var model: String?
    @Option(help: "Training data: any file that `\(program) data` reads, or a pattern of several.") var train: String?
    @Option(help: ArgumentHelp("Inputs of the loss, in order; all but the label when left out.", valueName: "a,b,…")) var columns: String?
    @Option(help: "Name of the label column.") var label: String?
    @Option(help: "Loss by name; see `\(program) losses`.") var loss: String?
    @Option(help: ArgumentHelp("Its options; see `\(program) losses NAME`.", valueName: "json")) var lossOptions: String?
    @Option(help: "Evaluation data: two texts and a score, or triplets.") var eval: String?
    @Option(help: "Folder for the trained model, checkpoints and report.html.") var output: String?
    @Option(help: "Passes over the data.") var epochs: String?
    @Option(help: "Rows a step.") var batchSize: String?
    @Option(help: "Largest learning rate.") var learningRate: String?
    @Option(help: "Share of the steps over which the learning rate rises.") var warmupRatio: String?
    @Option(help: "Seed of the order of rows and of dropout.") var seed: String?
    @Option(help: "YAML file with these keys and any training argument.") var config: String?
    @Option(name: .customLong("set"), help: ArgumentHelp("Any training argument; see `\(program) arguments`.", valueName: "key=value"))
    var settings: [String] = []
    @Flag(help: "Writes into an output folder that has content.") var overwrite = false
    @Flag(help: "Goes on from the newest checkpoint in the output folder, if there is one.") var resume = false

    func run() throws {
        let run = try RunConfiguration(config: config, flags: flags)
        let datasets = try run.runDatasets()
        let outputPath = try run.required("output")
        for dataset in datasets { try UsageError.forLoss { try ObjectiveCatalog.check(dataset.loss!) } }
        let arguments = try run.trainingArguments()
        let rows = try datasets.map { try $0.dataset() }
        let evaluationRows = try datasets.map { try $0.evaluationDataset() }
        let evaluators =
            try datasets.compactMap { dataset in try dataset.eval.map { try EvaluationData.evaluator(path: $0, name: dataset.name) } }
            + (run["eval"].map { [try EvaluationData.evaluator(path: $0)] } ?? [])
        let weights = datasets.compactMap(\.weight)
        let order = try weights.isEmpty ? nil : WeightedOrder(datasets.map { $0.weight ?? 1 })
        var model = try ModelOption(path: run["model"]).open()
        if var card = run.modelCard {
            if card.baseModel == nil {
                (card.baseModel, card.baseModelRevision) = (model.modelCardData.baseModel, model.modelCardData.baseModelRevision)
            }
            model.modelCardData = card
        }
        var tasks: [TrainingTask<SentenceTransformer>] = [], evalTasks = tasks
        for ((dataset, rows), evaluationRows) in zip(zip(datasets, rows), evaluationRows) {
            let objective = try UsageError.forLoss { try ObjectiveCatalog.objective(dataset.loss!, model: model, dataset: rows) }
            tasks.append(try TrainingTask(rows, name: dataset.name, objective: objective))
            if let evaluationRows { evalTasks.append(try TrainingTask(evaluationRows, name: dataset.name, objective: objective)) }
        }
        let session = try TrainingSession(
            model: model, tasks: tasks, evalTasks: evalTasks,
            evaluator: evaluators.count > 1 ? SequentialEvaluator(evaluators) : evaluators.first, arguments: arguments, datasetOrder: order,
            unit: rows.allSatisfy { $0.columns.count == 2 } ? "pairs" : "rows")
        try OutputFolder.prepare(outputPath, allowingExisting: overwrite || resume || arguments.resumeFromCheckpoint != nil)
        if resume { try session.resume() }
        let losses = tasks.map(\.objective.name).joined(separator: ", ")
        var report = try session.run(title: "Training report: \(losses)")
        report.arguments =
            [
                ("model", run["model"] ?? "the built-in one"), ("train", datasets.map(\.file).joined(separator: ", ")),
                ("eval", run["eval"] ?? "none"), ("loss", losses),
            ]
            + report.arguments
        try report.write(to: URL(fileURLWithPath: outputPath).appendingPathComponent("report.html"))
        try RunManifest(
            command: words, inputs: inputs(of: run, datasets), seed: arguments.seed, output: outputPath
        ).write(to: outputPath)
        print("The model and report.html are in \(outputPath)")
        if session.wasInterrupted { throw ExitCode(130) }
    }

    /// Files and folders that the run reads.
    private func inputs(of run: RunConfiguration, _ datasets: [RunDataset]) -> [String] {
        let model = run["model"] ?? SentenceTransformer.builtInFolder.path
        let files: [String?] = datasets.flatMap { [$0.file, $0.eval, $0.evalDataset] as [String?] } + [run["eval"], config, model]
        let texts = datasets.compactMap(\.loss).flatMap { JSONValue.object($0.options).texts }
        return (files.compactMap { $0 } + texts).filter { FileManager.default.fileExists(atPath: $0) }
    }

    /// What was typed, but for the output folder: by this the run can be done again.
    private var words: [String] {
        let named = namedFlags.filter { $0.key != "output" }.flatMap { key, value in value.map { ["--\(key)", $0] } ?? [] }
        return ["train"] + named + (config.map { ["--config", $0] } ?? []) + settings.flatMap { ["--set", $0] }
    }

    private var namedFlags: [(key: String, value: String?)] {
        [
            ("model", model), ("train", train), ("columns", columns), ("label", label), ("loss", loss), ("loss-options", lossOptions),
            ("eval", eval), ("output", output), ("epochs", epochs), ("batch-size", batchSize), ("learning-rate", learningRate),
            ("warmup-ratio", warmupRatio), ("seed", seed),
        ]
    }

    private var flags: [(key: String, value: String)] {
        get throws {
            var flags = namedFlags
            for setting in settings {
                let parts = setting.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2 else { throw UsageError("--set \(setting): write key=value") }
                flags.append((parts[0], parts[1]))
            }
            return flags.compactMap { key, value in value.map { (key, $0) } }
        }
    }
}

extension JSONValue {
    /// All texts in it, at any depth.
    fileprivate var texts: [String] {
        switch self {
        case .string(let text): [text]
        case .array(let elements): elements.flatMap(\.texts)
        case .object(let object): object.members.flatMap(\.value.texts)
        default: []
        }
    }
}
