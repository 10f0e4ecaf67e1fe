import Foundation
import Tapestry
import Testing

/// A run that is stopped after any step and goes on in a new process ends with the bytes of one that was never stopped.
struct ResumeTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func everyStepCanBeTheLastOfAProcess() throws {
        let whole = try ProcessRun(in: folder.file("whole"))
        let last = try #require(whole.lastStep, "\(whole.errors)")
        #expect(last == 8)
        let expected = try whole.files(ofCheckpoint: last)
        #expect(expected.keys.contains("training_state.safetensors"))
        #expect(expected.keys.contains("model.safetensors"))
        // Training has changed something at each step, or equal bytes would say nothing.
        let earlier = try whole.files(ofCheckpoint: last - 1)
        #expect(earlier["model.safetensors"] != expected["model.safetensors"])
        for step in 1..<last {
            let rest = try ProcessRun(
                in: folder.file("from-\(step)"), from: whole.output.appendingPathComponent("checkpoint-\(step)").path)
            #expect(rest.lastStep == last, "\(rest.errors)")
            let found = try rest.files(ofCheckpoint: last)
            #expect(found.keys.sorted() == expected.keys.sorted())
            for (path, bytes) in expected { #expect(found[path] == bytes, "after step \(step): \(path)") }
            let written = try FileManager.default.contentsOfDirectory(atPath: rest.output.path)
            #expect(written.count == last - step)
        }
    }

    // MARK: What cannot be gone on from

    private func trainer(loss: any Loss = CosineSimilarityLoss(), maxSteps: Int = 4) throws -> Trainer<SentenceTransformer> {
        try Trainer(
            model(), loss: loss, dataset: pairs(),
            arguments: settings(folder) {
                ($0.maxSteps, $0.saveStrategy, $0.saveSteps) = (maxSteps, .steps, 2)
            })
    }

    @Test func checkpointsOfOtherRunsAreRefused() throws {
        try trainer().train()
        let checkpoint = folder.file("output/checkpoint-2").path
        expectError(TrainingError.self, [checkpoint, "5 batches", "40"]) {
            try Trainer(
                model(), loss: CosineSimilarityLoss(), dataset: pairs(),
                arguments: settings(folder) {
                    $0.perDeviceTrainBatchSize = 1
                }
            ).resume(from: checkpoint)
        }
        expectError(TrainingError.self, [checkpoint, "classifier"]) {
            let rows = try pairs()
            let labeled = try Dataset(columns: rows.columns, labels: Dataset.Column(values: (0..<rows.rowCount).map { Double($0 % 2) }))
            let width = try model().embeddingDimension
            try Trainer(model(), loss: SoftmaxLoss(embeddingDimension: width, classCount: 2), dataset: labeled).resume(from: checkpoint)
        }
        expectError(TrainingError.self, [checkpoint, "step 2", "ends at 1"]) { try trainer(maxSteps: 1).resume(from: checkpoint) }
        expectError(ModelFileError.self, [folder.url.path]) { try trainer().resume(from: folder.url.path) }
        expectError(TrainingError.self, [checkpoint, "shapes"]) {
            try Trainer(SentenceTransformer.untrained(), loss: CosineSimilarityLoss(), dataset: pairs()).resume(from: checkpoint)
        }
    }

    @Test func aBrokenStateIsRefusedByFileAndKey() throws {
        try trainer().train()
        let checkpoint = folder.file("output/checkpoint-2")
        let file = checkpoint.appendingPathComponent("training_state.safetensors")
        for (metadata, words) in [(["state": "[]"], ["no JSON object"]), (["state": "{}"], ["epoch_number"]), ([:], ["state"])] {
            try SafetensorsWriter.write([], metadata: metadata, to: file)
            expectError(ModelFileError.self, [file.path] + words) { try trainer().resume(from: checkpoint.path) }
        }
    }

    @Test func goingOnInOneProcessIsTheSame() throws {
        let whole = try trainer()
        try whole.train()
        let expected = weights(whole.model)
        let rest = try trainer()
        try rest.resume(from: folder.file("output/checkpoint-2").path)
        #expect(rest.state.globalStep == 2)
        try rest.train()
        #expect(rest.state.globalStep == 4)
        #expect(zip(weights(rest.model), expected).allSatisfy { $0 == $1 })
    }
}
