import Foundation
import Tapestry
import Testing

/// What cannot be trained is refused before any work is done.
struct RefusalTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func expectRefused<Failure: Error>(
        _ type: Failure.Type, _ words: [String], loss: any Loss = CosineSimilarityLoss(), dataset: Dataset? = nil,
        evalDataset: Dataset? = nil, sourceLocation: SourceLocation = #_sourceLocation,
        _ configure: (inout TrainingArguments) -> Void = { _ in }
    ) throws {
        let dataset = try dataset ?? pairs()
        expectError(type, words, sourceLocation: sourceLocation) {
            _ = try Trainer(
                model("mini-bert"), loss: loss, dataset: dataset, evalDataset: evalDataset,
                arguments: settings(folder, configure))
        }
        #expect(try folder.content().isEmpty, sourceLocation: sourceLocation)
    }

    private func file(_ text: String) throws -> Dataset {
        let data = try TemporaryFolder()
        let url = data.file("rows.csv")
        try text.write(to: url, atomically: true, encoding: .utf8)
        return try Dataset(contentsOf: url)
    }

    @Test func columnsThatDoNotFitAreNamed() throws {
        let triplets = try Dataset(["question": ["a"], "answer": ["b"], "other": ["c"]])
        try expectRefused(
            LossInputError.self, ["CosineSimilarityLoss", "2 text columns", "has 3", "question, answer, other"],
            dataset: triplets)
        try expectRefused(
            LossInputError.self, ["TripletLoss", "3 text columns", "anchor, positive, negative", "has 2"],
            loss: TripletLoss())
        try expectRefused(
            LossInputError.self, ["CoSENTLoss", "needs a label", "label, labels, score or scores"],
            loss: CoSENTLoss(), dataset: Dataset(["a": ["x"], "b": ["y"]]))
    }

    @Test func anEvaluationDatasetMustFitToo() throws {
        try expectRefused(
            LossInputError.self, ["CosineSimilarityLoss", "has 1: alone"],
            evalDataset: Dataset(["alone": ["x"]], labels: [1]))
    }

    @Test func aLabelOutOfRangeIsNamedByItsRow() throws {
        let dataset = try file("sentence1,sentence2,score\na,b,0.5\nc,d,3.5\n")
        try expectRefused(
            DatasetError.self, ["rows.csv", "row 3", "\"score\"", "CosineSimilarityLoss", "3.5", "-1.0...1.0"],
            dataset: dataset)
        // A loss that only compares labels takes them as they are.
        _ = try Trainer(model("mini-bert"), loss: CoSENTLoss(), dataset: dataset, arguments: settings(folder))
    }

    @Test func argumentsAreChecked() throws {
        try expectRefused(TrainingArgumentError.self, ["per_device_train_batch_size", "0"]) { $0.perDeviceTrainBatchSize = 0 }
    }

    @Test func evaluationNeedsSomethingToEvaluate() throws {
        try expectRefused(TrainingError.self, ["eval_strategy", "evaluation dataset", "evaluator"]) { $0.evalStrategy = .steps }
    }

    @Test func tooFewRowsForABatchAreSaidSo() throws {
        try expectRefused(DatasetError.self, ["40 rows", "64"]) {
            ($0.perDeviceTrainBatchSize, $0.dataloaderDropLast) = (64, true)
        }
    }
}
