import Foundation
import Tapestry
import Testing

/// Before the first step one is told what the samplers make of the data, and a run that could not learn is refused.
struct SamplerReportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func trainer(
        _ dataset: Dataset, _ loss: any Loss, _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) throws -> Trainer<SentenceTransformer> {
        try Trainer(model(), loss: loss, dataset: dataset, arguments: settings(folder, configure))
    }

    @Test func batchesAndRowsAreCountedExactly() throws {
        let texts = ["a", "b", "a", "c", "b", "a", "d", "e", "f"]
        let dataset = try Dataset(["anchor": texts, "positive": texts.map { "\($0) too" }])
        let whole = try trainer(dataset, MultipleNegativesRankingLoss()) { $0.perDeviceTrainBatchSize = 4 }.samplerReport().parts[0]
        #expect((whole.rowCount, whole.usedRowCount, whole.batchCount) == (9, 9, 3) && whole.duplicateRowCount == 3)
        let dropped = try trainer(dataset, MultipleNegativesRankingLoss()) {
            ($0.perDeviceTrainBatchSize, $0.dataloaderDropLast) = (4, true)
        }.samplerReport().parts[0]
        #expect((dropped.usedRowCount, dropped.batchCount, dropped.batchesWithoutGradient) == (8, 2, 0))
    }

    @Test(
        arguments: [
            ([0, 0, 0, 0, 0, 0], 2), ([0, 1, 2, 3, 4, 5], 2), ([0, 0, 1, 2, 2, 2], 1), ([0, 0, 1, 0, 1, 1], 0),
        ] as [([Double], Int)])
    func classesThatCannotBeComparedAreCounted(labels: [Double], count: Int) throws {
        let losses: [any Loss] = [BatchAllTripletLoss(), Matryoshka(BatchHardTripletLoss(), dimensions: [32, 8])]
        for loss in losses {
            // Two batches of three rows in their order.
            let found = [labels.prefix(3), labels.suffix(3)].count { !loss.canTeach(labels: Array($0)) }
            #expect(found == count, "\(loss.name)")
        }
    }

    @Test func aSumTeachesWhereATermDoes() {
        let sum = 1 * CoSENTLoss() + 1 * CosineSimilarityLoss()
        #expect(!CoSENTLoss().canTeach(labels: [1, 1]) && CoSENTLoss().canTeach(labels: [1, 0.5]) && sum.canTeach(labels: [1, 1]))
    }

    @Test func mostBatchesWithoutGradientAreRefused() throws {
        let texts = (0..<12).map { "text \($0)" }
        func dataset(_ labels: [Double]) throws -> Dataset { try Dataset(["sentence": texts], labels: labels) }
        let alone = try trainer(dataset((0..<12).map { Double($0) }), BatchAllTripletLoss()) { $0.perDeviceTrainBatchSize = 4 }
        #expect(alone.samplerReport().parts[0].batchesWithoutGradient == 3)
        expectError(TrainingError.self, ["3 of 3 batches can give no gradient", "BatchAllTripletLoss", "group_by_label"]) {
            try alone.train()
        }
        #expect(alone.state.globalStep == 0)
        let mixed = try trainer(dataset((0..<12).map { Double($0 % 2) }), BatchAllTripletLoss()) { $0.perDeviceTrainBatchSize = 4 }
        try mixed.train()
        #expect(mixed.state.globalStep == 3)
        let equal = try trainer(
            Dataset(["a": texts, "b": texts], labels: Array(repeating: 0.5, count: 12), labelName: "score"), CoSENTLoss())
        expectError(TrainingError.self, ["2 of 2 batches", "CoSENTLoss"]) { try equal.train() }
    }
}
