import Foundation
import Tapestry
import Testing

/// Several datasets, each with an objective of its own.
struct MultiDatasetTests {
    private func tasks() throws -> [TrainingTask<SentenceTransformer>] {
        let anchors = try Dataset(contentsOf: fixture("training/anchors.csv"))
        return [
            try TrainingTask(try pairs(), name: "pairs", loss: CoSENTLoss()),
            try TrainingTask(anchors, name: "anchors", objective: CachedMultipleNegativesRankingLoss(miniBatchSize: 3)),
        ]
    }

    @Test func everyDatasetGetsItsLossAndItsShare() throws {
        let folder = try TemporaryFolder()
        let tasks = try tasks()
        let model = try model()
        let before = weights(model)
        let trainer = try Trainer(
            model, tasks: tasks, evalTasks: tasks, arguments: settings(folder) { ($0.evalStrategy, $0.loggingSteps) = (.epoch, 1) })
        try trainer.train()
        let batches = tasks.map { ($0.dataset.rowCount + 7) / 8 }
        #expect(trainer.state.globalStep == batches.reduce(0, +))
        #expect(zip(before, weights(model)).contains { $0 != $1 })
        let keys = Set(trainer.state.logHistory.flatMap(\.values).map(\.key))
        #expect(keys.isSuperset(of: ["eval_pairs_loss", "eval_anchors_loss"]) && !keys.contains("eval_loss"))
        try trainer.saveModel(to: folder.file("saved").path)
        let card = try String(contentsOf: folder.file("saved/README.md"), encoding: .utf8)
        #expect(card.contains("#### pairs") && card.contains("loss:CachedMultipleNegativesRankingLoss"))
    }

    @Test func whatDoesNotFitIsNamedWithItsDataset() throws {
        let task = try TrainingTask(try pairs(), name: "second", loss: TripletLoss())
        expectError(LossInputError.self, ["dataset second", "TripletLoss takes 3 text columns"]) {
            _ = try Trainer(try model(), tasks: try tasks() + [task])
        }
    }

    @Test func datasetsNeedNamesOfTheirOwn() throws {
        func trainer(_ names: [String], _ evalNames: [String] = []) throws -> Trainer<SentenceTransformer> {
            func tasks(_ names: [String]) throws -> [TrainingTask<SentenceTransformer>] {
                try names.map { try TrainingTask(try pairs(), name: $0, loss: CoSENTLoss()) }
            }
            return try Trainer(try model(), tasks: tasks(names), evalTasks: tasks(evalNames))
        }
        expectError(TrainingError.self, ["two datasets are called sts"]) { _ = try trainer(["sts", "other", "sts"]) }
        expectError(TrainingError.self, ["two datasets are called dev"]) { _ = try trainer(["sts"], ["dev", "dev"]) }
        expectError(TrainingError.self, ["several datasets need a name each"]) { _ = try trainer(["", ""]) }
        _ = try trainer(["sts"], ["sts"])
    }

    @Test func aParameterThatTwoObjectivesShareIsUpdatedOnce() throws {
        let folder = try TemporaryFolder()
        let loss = EmbedDistillLoss(embeddingDimension: try model().embeddingDimension, projectionDimension: 3)
        let rows = 8
        let teacher = try Dataset.Column(values: (0..<rows * 3).map { Double($0 % 5) }, rowShape: [3])
        let texts = Dataset.Column(name: "text", texts: (0..<rows).map { "sentence \($0)" })
        let dataset = try Dataset(columns: [texts], labels: teacher)
        func trained(_ count: Int) throws -> Tensor {
            let own = EmbedDistillLoss(projection: Linear(weight: loss.projection!.weight.value, bias: loss.projection!.bias!.value))
            let trainer = try Trainer(
                model(), tasks: (0..<count).map { try TrainingTask(dataset, name: "\($0)", loss: own) },
                arguments: settings(folder) { ($0.maxSteps, $0.maxGradNorm) = (1, 0) })
            try trainer.train()
            return own.projection!.weight.value
        }
        let (once, twice) = (try trained(1), try trained(2))
        #expect(once != loss.projection!.weight.value)
        // AdamW's first step is the learning rate in the gradient's direction, however often the parameter is listed.
        #expect((twice - loss.projection!.weight.value).abs().max().item < 1.01e-3)
    }
}
