import Foundation
import Tapestry
import Testing

/// A loss that means nothing for a single row never gets one.
struct SmallBatchTests {
    /// −∞ for one row, which has no negative.
    private struct DecoupledContrastiveLoss: EmbeddingLoss {
        let inputs = LossInputs(columns: ["anchor", "positive"], minimumRows: 2)

        func callAsFunction(_ embeddings: [Tensor], labels: Tensor?) -> Tensor {
            let logits = cosineSimilarity(embeddings[0], embeddings[1])
            let negatives = logits.filled(with: -.infinity, where: .identityMask(logits.shape[0]))
            return (negatives.logSumExp() - logits.diagonal()).mean()
        }
    }

    private let folder: TemporaryFolder
    private let nineRows: Dataset

    init() throws {
        folder = try TemporaryFolder()
        let texts = (0..<9).map { "text \($0)" }
        nineRows = try Dataset(["anchor": texts, "positive": texts.map { "like \($0)" }])
    }

    private func trainer(batchSize: Int, evalBatchSize: Int = 8, rows: Dataset? = nil) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model("mini-bert"), loss: DecoupledContrastiveLoss(), dataset: rows ?? nineRows, evalDataset: nineRows,
            arguments: settings(folder, epochs: 2) {
                $0.perDeviceTrainBatchSize = batchSize
                $0.perDeviceEvalBatchSize = evalBatchSize
                $0.loggingSteps = 1
            })
    }

    @Test func aLastBatchOfTooFewRowsIsLeftOut() throws {
        let trainer = try trainer(batchSize: 4)  // 4 + 4 + 1
        try trainer.train()
        #expect(trainer.state.globalStep == 4)
        #expect(trainer.state.curve("loss").allSatisfy { $0.value.isFinite })
        let metrics = try trainer.evaluate()
        let loss = try #require(metrics.first { $0.key == "eval_loss" })
        #expect(loss.value.isFinite)
    }

    @Test func aLastBatchOfEnoughRowsStays() throws {
        let trainer = try trainer(batchSize: 7)  // 7 + 2
        try trainer.train()
        #expect(trainer.state.globalStep == 4)
    }

    @Test func batchesThatAreAlwaysTooSmallAreRefused() {
        expectError(LossInputError.self, ["DecoupledContrastiveLoss", "batches of 2 rows or more", "the batch size is 1"]) {
            _ = try trainer(batchSize: 1)
        }
        expectError(LossInputError.self, ["DecoupledContrastiveLoss", "the batch size is 1"]) {
            _ = try trainer(batchSize: 4, evalBatchSize: 1)
        }
        expectError(DatasetError.self, ["1 rows make no batch of 2"]) {
            _ = try trainer(batchSize: 4, rows: Dataset(["anchor": ["a"], "positive": ["b"]]))
        }
    }
}
