import Foundation
import Synchronization
import Tapestry
import Testing

/// The older way of training.
struct FitTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func examples(_ count: Int = 40) throws -> [InputExample] {
        let dataset = try pairs()
        return (0..<count).map { row in
            InputExample(texts: dataset.columns.map { $0.texts[row] }, label: dataset.labels!.values[row])
        }
    }

    private func triples() throws -> [InputExample] {
        let anchors = try Dataset(contentsOf: fixture("training/anchors.csv"))
        return (0..<anchors.rowCount).map { row in InputExample(texts: anchors.columns.map { $0.texts[row] }) }
    }

    @Test func examplesBecomeColumns() throws {
        let dataset = try Dataset(examples(3))
        #expect(dataset.columnNames == ["sentence_0", "sentence_1"] && dataset.labels?.name == "label" && dataset.rowCount == 3)
        #expect(try Dataset(triples()).labels == nil)
        let lists = try Dataset([InputExample(texts: ["a"], label: [0.5, 1]), InputExample(texts: ["b"], label: [0, 2])])
        #expect(lists.labels?.rowShape == [2] && lists.labels?.values == [0.5, 1, 0, 2])
        expectError(DatasetError.self, ["example 2", "1 texts"]) {
            _ = try Dataset([InputExample(texts: ["a", "b"]), InputExample(texts: ["a"])])
        }
        expectError(DatasetError.self, ["no examples"]) { _ = try Dataset([InputExample]()) }
    }

    /// Step by step what a trainer does with the same datasets, losses, optimizer and schedule.
    @Test func fitIsATrainer() throws {
        let (fitted, trained) = (try model(dropout: true), try model(dropout: true))
        let pairs = DataLoader(try examples(), batchSize: 8), triples = NoDuplicatesDataLoader(try triples(), batchSize: 8)
        try fitted.fit(
            [TrainObjective(pairs, CosineSimilarityLoss()), TrainObjective(triples, MultipleNegativesRankingLoss())], epochs: 2,
            scheduler: "warmupCosine", warmupSteps: 3, learningRate: 1e-3, weightDecay: 0.1, outputPath: folder.file("fitted").path)

        let tasks = [
            try TrainingTask(Dataset(pairs.examples), name: "_dataset_1", loss: CosineSimilarityLoss()),
            try TrainingTask(
                Dataset(triples.examples), name: "_dataset_2", loss: MultipleNegativesRankingLoss(), sampler: BatchSamplers.noDuplicates),
        ]
        let shortest = min(pairs.examples.count / 8, triples.examples.count / 8)
        func isExempt(_ name: String) -> Bool { name.contains("bias") || name.contains("LayerNorm.weight") }
        let groups = [false, true].map { exempt in
            Optimizer.Group(parameters: trained.namedParameters.filter { isExempt($0.name) == exempt }, weightDecay: exempt ? 0 : 0.1)
        }
        let trainer = try Trainer(
            trained, tasks: tasks,
            arguments: settings(folder, epochs: 2) { ($0.multiDatasetBatchSampler, $0.maxGradNorm) = (.roundRobin, 1) },
            optimizer: Optimizer(AdamW(), groups: groups), schedule: .cosine(warmupSteps: 3, totalSteps: shortest * 2 * 2))
        try trainer.train()
        #expect(weights(fitted) == weights(trained))
        #expect(try weights(fitted) != weights(model(dropout: true)))
        #expect(weights(try SentenceTransformer(folder.file("fitted").path)) == weights(fitted))
    }

    @Test func theBestModelIsKeptAndTheCallbackIsTold() throws {
        let model = try model()
        let evaluator = ScriptedEvaluator("score", [0.1, 0.9, 0.3, 0.2, 0.4, 0.5, 0.6])
        let told = Mutex<[(Double, Double, Int)]>([])
        var best: [Tensor] = []
        try model.fit(
            [TrainObjective(DataLoader(try examples(), batchSize: 8), CosineSimilarityLoss())], evaluator: evaluator, epochs: 2,
            warmupSteps: 1, learningRate: 1e-3, evaluationSteps: 2, outputPath: folder.file("best").path
        ) { score, epoch, steps in
            told.withLock { $0.append((score, epoch, steps)) }
            if score == 0.9 { best = weights(model) }
        }
        let calls = told.withLock { $0 }
        // Every second step and at the end of each epoch; the last step is evaluated by both.
        #expect(calls.map(\.2) == Array([2, 4, 5, 6, 8, 10, 10].prefix(calls.count)) && calls.count >= 6)
        #expect(calls.map(\.0).prefix(2) == [0.1, 0.9])
        #expect(weights(try SentenceTransformer(folder.file("best").path)) == best && best != weights(model))
    }

    @Test func stepsOfAnEpochCanBeTold() throws {
        let (some, three) = (try model(), try model())
        let loader = DataLoader(try examples(), batchSize: 8)
        try some.fit([TrainObjective(loader, CosineSimilarityLoss())], stepsPerEpoch: 3, scheduler: "ConstantLR", learningRate: 1e-3)
        let task = try TrainingTask(Dataset(loader.examples), loss: CosineSimilarityLoss())
        try Trainer(
            three, tasks: [task],
            arguments: settings(folder) {
                ($0.maxSteps, $0.lrSchedulerType, $0.weightDecay) = (3, .constant, 0.01)
            }
        ).train()
        #expect(weights(some) == weights(three))
        expectError(TrainingArgumentError.self, ["scheduler", "WarmupSine", "warmuplinear"]) {
            try some.fit([TrainObjective(loader, CosineSimilarityLoss())], scheduler: "WarmupSine")
        }
        expectError(TrainingArgumentError.self, ["train_objectives"]) { try some.fit([]) }
    }

    /// Each step of old updates once for every objective, with an optimizer of its own.
    @Test func theLoopOfOldTakesTurns() throws {
        let (fitted, byHand) = (try model(), try model())
        let loader = DataLoader(try examples(16), batchSize: 8)
        let objectives = [TrainObjective(loader, CosineSimilarityLoss()), TrainObjective(loader, CoSENTLoss())]
        try fitted.oldFit(
            objectives, epochs: 2, scheduler: "constantlr", learningRate: 1e-3, outputPath: folder.file("old").path,
            checkpointPath: folder.file("checkpoints").path, checkpointSaveSteps: 1, checkpointSaveTotalLimit: 2)
        let dataset = try Dataset(loader.examples)
        let sampler = try BatchSamplers.batchSampler.sampler(for: dataset, batchSize: 8, seed: 42)
        let losses: [any Loss] = [CosineSimilarityLoss(), CoSENTLoss()]
        func isExempt(_ name: String) -> Bool { name.contains("bias") || name.contains("LayerNorm.weight") }
        let optimizers = losses.map { _ in
            Optimizer(
                AdamW(),
                groups: [false, true].map { exempt in
                    .init(parameters: byHand.namedParameters.filter { isExempt($0.name) == exempt }, weightDecay: exempt ? 0 : 0.01)
                })
        }
        for epoch in 0..<2 {
            for rows in sampler.batches(epoch: epoch) {
                for (loss, optimizer) in zip(losses, optimizers) {
                    let result = try LossObjective(loss).valueAndGradients(
                        byHand, byHand.batch(dataset, rows: rows), key: RandomKey(1), detectingAnomalies: false)
                    optimizer.step(result.gradients, learningRate: 1e-3, maximumNorm: 1)
                }
            }
        }
        #expect(weights(fitted) == weights(byHand))
        #expect(try folder.content("checkpoints") == ["3", "4"])
        #expect(weights(try SentenceTransformer(folder.file("old").path)) == weights(fitted))
    }

    @Test func labelsAndTranslationsBecomeExamples() throws {
        let labels = SentenceLabelDataset(
            [("a", 1), ("b", 2), ("c", 1), ("d", 3), ("e", 2)].map { InputExample(texts: [$0.0], label: $0.1) })
        #expect(labels.examples.map { $0.texts[0] } == ["a", "c", "b", "e"])
        #expect(DataLoader(labels).batchSampler == .groupByLabel)
        let teacher = try model()
        var parallel = ParallelSentencesDataset(teacherModel: teacher)
        try "hello\thallo\thola\nlong \(String(repeating: "x", count: 200))\tkurz\nhello\tsalut\nhello\thallo\n".write(
            to: folder.file("parallel.tsv"), atomically: true, encoding: .utf8)
        try parallel.loadData(folder.file("parallel.tsv").path)
        #expect(parallel.examples.map(\.texts) == [["hello"], ["hallo"], ["hola"], ["salut"]])
        #expect(parallel.examples.allSatisfy { $0.label == teacher.encode(["hello"]).values })
        expectError(DatasetError.self, ["cannot be read"]) { try parallel.loadData(folder.file("none.tsv").path) }
    }
}
